import type { OwedMessage } from '@darkroom/contracts';
import { isNotImplemented, Log, Metrics } from '@darkroom/service-kit';
import { DELIVERY_RETENTION_SECONDS } from '@darkroom/service-kit/queue';
import { Injectable, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { JournalledStates } from '../journal/journalled-state.js';
import { Neighbours } from '../neighbours/neighbours.js';
import { GenerationJobs } from '../queue/generation-jobs.js';
import { Deliveries } from '../webhooks/deliveries.js';
import { endMessage } from '../webhooks/message.js';
import { GRACE_MS, RepeatedLooks } from './repeated-looks.js';

/** Messages of one question. */
const PAGE = 1_000;

/**
 * Makes deliveries anew that Redis has lost. The database has which webhooks are owed the end of which generation: one whose delivery has
 * ended is owed no more, and one without a delivery gets it again. Two gateways at it do no harm, since a message's id is its generation's.
 */
@Injectable()
export class MessageRecovery implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly neighbours: Neighbours;
  private readonly deliveries: Deliveries;
  private readonly jobs: GenerationJobs;
  private readonly journalled: JournalledStates;
  private readonly looks: RepeatedLooks;
  private readonly log: Log;
  private readonly recovered;
  private running: Promise<void> | undefined;

  constructor(
    neighbours: Neighbours,
    deliveries: Deliveries,
    jobs: GenerationJobs,
    journalled: JournalledStates,
    looks: RepeatedLooks,
    log: Log,
    metrics: Metrics,
  ) {
    this.neighbours = neighbours;
    this.deliveries = deliveries;
    this.jobs = jobs;
    this.journalled = journalled;
    this.looks = looks;
    this.log = log;
    this.recovered = metrics.counter({
      name: 'darkroom_webhook_messages_recovered_total',
      help: 'Messages that webhooks were owed and that were in no queue, and were put back.',
    });
  }

  onApplicationBootstrap(): void {
    this.running = this.looks.run({
      turn: 'darkroom:message-recovery',
      purpose: 'what webhooks are owed can not be compared with their deliveries',
      look: (draining) => this.look(draining),
    });
  }

  async onApplicationShutdown(): Promise<void> {
    await this.running;
  }

  private async look(draining: AbortSignal): Promise<boolean> {
    let isYoungMissing = false;
    for (let last: OwedMessage | undefined; !draining.aborted; ) {
      const messages = await this.owedAfter(last);
      const standings = await this.deliveries.standings(messages);
      const missing = messages.filter((_, i) => standings[i] === undefined);
      const due = missing.filter(({ endedAtMs }) => endedAtMs < Date.now() - GRACE_MS);
      isYoungMissing ||= due.length < missing.length;
      const dropped: OwedMessage[] = [];
      for (const owed of Map.groupBy(due, ({ generationId }) => generationId).values()) {
        if (!(await this.putBack(owed))) dropped.push(...owed);
      }
      const settled = [...messages.filter((_, i) => standings[i] === 'ended'), ...dropped];
      if (settled.length > 0) await this.neighbours.webhooks.settleMessages({ messages: settled });
      if (messages.length < PAGE) break;
      last = messages.at(-1);
    }
    return isYoungMissing;
  }

  /** A control plane of an earlier version, which may run beside this gateway in the midst of an upgrade, knows of none. */
  private async owedAfter(last: OwedMessage | undefined): Promise<OwedMessage[]> {
    const after = { afterGenerationId: last?.generationId ?? '', afterWebhookId: last?.webhookId ?? '' };
    try {
      return (await this.neighbours.webhooks.listOwedMessages({ ...after, limit: PAGE })).messages;
    } catch (error) {
      if (isNotImplemented(error)) return [];
      throw error;
    }
  }

  /** Makes the deliveries of one generation's end; returns false when there is nothing to tell any more. */
  private async putBack(owed: readonly OwedMessage[]): Promise<boolean> {
    const [{ generationId, endedAtMs } = { generationId: '', endedAtMs: 0 }] = owed;
    // After that a delivery that has ended is not kept, and hardly one would still be tried.
    if (endedAtMs < Date.now() - DELIVERY_RETENTION_SECONDS * 1000) return false;
    const state = (await this.jobs.inQueue(generationId)) ?? (await this.journalled.findOfAnyAge(generationId));
    if (state === undefined) {
      this.log.error('the end of a generation is not told to its webhooks: its result is not kept any more', { generationId });
      return false;
    }
    const message = endMessage(state, endedAtMs);
    // A queue that has lost its last second only: it is ended once more, and told then.
    if (message === undefined) return true;
    for (const { webhookId, tenantId } of owed) await this.deliveries.add(webhookId, tenantId, message);
    this.recovered.inc({}, owed.length);
    this.log.warn('the end of a generation is told anew, since its messages were lost', { generationId, webhooks: owed.length });
    return true;
  }
}
