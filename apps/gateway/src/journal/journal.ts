import { setTimeout as sleep } from 'node:timers/promises';
import { AcceptedGeneration, DarkroomError, GenerationJob, type JournalEntry } from '@darkroom/contracts';
import { Lifecycle, Log } from '@darkroom/service-kit';
import { JOB_RETENTION_SECONDS } from '@darkroom/service-kit/queue';
import { Injectable } from '@nestjs/common';
import { notTheirFault } from '../neighbours/not-their-fault.js';
import type { Claim } from '../queue/idempotency.js';
import { Batches } from './batches.js';
import { JournalClient } from './journal-client.js';

/** Most generations of one call: of the longest jobs, 3 MB. */
const MOST = 256;
const WITHDRAW_PATIENCE_MS = 60_000;

/** The journal of generations, which the control plane keeps: what it has can be put back into a queue that was lost. */
@Injectable()
export class Journal {
  private readonly client: JournalClient;
  private readonly lifecycle: Lifecycle;
  private readonly log: Log;
  private readonly accepting = new Batches((generations: AcceptedGeneration[]) => this.enter(generations), MOST);
  private readonly withdrawing = new Batches((ids: string[]) => this.client.withdraw({ ids }), MOST);
  private readonly cancelling = new Batches((ids: string[]) => this.client.noteCancellations({ ids }), MOST);

  constructor(client: JournalClient, lifecycle: Lifecycle, log: Log) {
    this.client = client;
    this.lifecycle = lifecycle;
    this.log = log;
  }

  /**
   * Enters a generation, unless its Idempotency-Key has another one: returns that one then. Entering it again changes nothing.
   *
   * @throws {DarkroomError} Thrown with `unavailable` when the control plane didn't confirm it: it may or may not be entered.
   */
  async accept(job: GenerationJob, claim: Claim | undefined): Promise<Pick<Claim, 'id' | 'request'> | undefined> {
    const bytes = Buffer.from(GenerationJob.encode(job).finish());
    const { key = '', request = '' } = claim ?? {};
    const earlier = await this.accepting.add({ job: bytes, idempotencyKey: key, requestDigest: request });
    const other = earlier.find(({ id }) => id === job.id);
    return other && { id: other.earlierId, request: other.requestDigest };
  }

  /** Takes back a generation that did not get into its queue, so that it is not put there later; tries for a minute. */
  async withdraw(id: string): Promise<void> {
    const patience = Date.now() + WITHDRAW_PATIENCE_MS;
    while (Date.now() < patience && !this.lifecycle.draining.aborted) {
      try {
        await this.withdrawing.add(id);
        return;
      } catch {
        await sleep(500, undefined, { ref: false });
      }
    }
    this.log.warn('a generation that was refused could not be withdrawn, and may be made', { generationId: id });
  }

  /** Remembers that a generation is wanted no more, should the queue be lost; when the control plane is away, that is not known then. */
  async noteCancellation(id: string): Promise<void> {
    await this.cancelling.add(id).catch((error: unknown) => {
      this.log.warn('the journal does not know of a cancellation', { generationId: id, error });
    });
  }

  /**
   * Looks up how a generation stands; undefined when it was never accepted.
   *
   * @throws {DarkroomError} Thrown with `unavailable` when the control plane can't be asked.
   */
  async find(id: string): Promise<JournalEntry | undefined> {
    try {
      return (await this.client.findGeneration({ id })).entry;
    } catch (error) {
      if (DarkroomError.from(error).code === 'not_found') return undefined;
      throw notTheirFault(error, [], 'the generation can not be looked up at the moment');
    }
  }

  /**
   * Returns ids of a tenant's generations that can still be fetched, the newest first.
   *
   * @param after the last id of the page before; undefined for the first page.
   * @throws {DarkroomError} Thrown with `unavailable` when the control plane can't be asked.
   */
  async page(tenantId: string, after: string | undefined, limit: number): Promise<string[]> {
    const sinceMs = Date.now() - JOB_RETENTION_SECONDS * 1000;
    try {
      const { ids } = await this.client.listGenerations({ tenantId, beforeId: after ?? '', limit, sinceMs });
      return ids;
    } catch (error) {
      throw notTheirFault(error, [], 'generations can not be listed at the moment');
    }
  }

  private async enter(generations: AcceptedGeneration[]) {
    try {
      return (await this.client.accept({ generations })).earlier;
    } catch (error) {
      throw notTheirFault(error, [], 'generations can not be accepted at the moment; nothing was started');
    }
  }
}
