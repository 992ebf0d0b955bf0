import { randomUUID } from 'node:crypto';
import type { UnfinishedId } from '@darkroom/contracts';
import { Lifecycle, Log } from '@darkroom/service-kit';
import { readStandings } from '@darkroom/service-kit/queue';
import { Injectable, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { JournalClient } from '../journal/journal-client.js';
import { ModelQueues } from '../queue/model-queues.js';
import { RedisCommands } from '../queue/redis.provider.js';
import { LostGenerations } from './lost-generations.js';

/** So often the journal is compared with the queues. */
const INTERVAL_MS = 30_000;
/** A generation that is younger may be on its way into its queue; it is looked at again when it is older. */
const GRACE_MS = 5_000;
/** Generations of one question. */
const PAGE = 1_000;
/** Generations whose jobs are fetched together. */
const TOGETHER = 100;
/** Wait after a failure, of Redis or of the control plane. */
const RETRY_MS = 2_000;
/** A gateway that dies at it holds up the others for so long. */
const TURN_MS = 10_000;
const TURN = 'darkroom:recovery';

/**
 * Puts generations back into their queues that were accepted, have not ended, and are in none: their queue was lost, or their gateway died
 * before it had added them. It looks when it starts, when Redis is back, and twice a minute; one gateway at a time, though two would do
 * no harm, since a job is known by its generation's id.
 */
@Injectable()
export class QueueRecovery implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly journal: JournalClient;
  private readonly queues: ModelQueues;
  private readonly commands: RedisCommands;
  private readonly lost: LostGenerations;
  private readonly lifecycle: Lifecycle;
  private readonly log: Log;
  private readonly name = randomUUID();
  private running: Promise<void> | undefined;
  /** Ends the wait for the next look. */
  private wake = () => {};

  constructor(
    journal: JournalClient,
    queues: ModelQueues,
    commands: RedisCommands,
    lost: LostGenerations,
    lifecycle: Lifecycle,
    log: Log,
  ) {
    this.journal = journal;
    this.queues = queues;
    this.commands = commands;
    this.lost = lost;
    this.lifecycle = lifecycle;
    this.log = log;
  }

  onApplicationBootstrap(): void {
    this.running = this.run(this.lifecycle.draining);
  }

  async onApplicationShutdown(): Promise<void> {
    this.wake();
    await this.running;
  }

  private async run(draining: AbortSignal): Promise<void> {
    this.commands.redis.on('ready', () => this.wake());
    draining.addEventListener('abort', () => this.wake(), { once: true });
    for (let failed = false; !draining.aborted; ) {
      let waitMs = RETRY_MS;
      try {
        waitMs = await this.look(draining);
        failed = false;
      } catch (error) {
        if (!failed && !draining.aborted)
          this.log.warn('the journal can not be compared with the queues; trying again', { error });
        failed = true;
      }
      if (!draining.aborted) await this.untilNextLook(waitMs);
    }
  }

  private async untilNextLook(waitMs: number): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(resolve, waitMs);
    this.wake = resolve;
    await promise;
    clearTimeout(timer);
  }

  /** Looks once, when it is this gateway's turn, and returns after how long to look again. */
  private async look(draining: AbortSignal): Promise<number> {
    const { redis } = this.commands;
    if ((await redis.set(TURN, this.name, 'PX', TURN_MS, 'NX')) === null) return INTERVAL_MS;
    try {
      let isYoungMissing = false;
      const recovering = this.lost.recovering();
      for (let afterId = ''; !draining.aborted; ) {
        const { generations: page } = await this.journal.listUnfinished({ afterId, limit: PAGE });
        const missing = await this.missing(page);
        const due = missing.filter(({ createdAtMs }) => createdAtMs < Date.now() - GRACE_MS).map(({ id }) => id);
        isYoungMissing ||= due.length < missing.length;
        for (let at = 0; at < due.length; at += TOGETHER) {
          const { generations } = await this.journal.getUnfinished({ ids: due.slice(at, at + TOGETHER) });
          for (const generation of generations) await recovering.putBack(generation);
        }
        if (page.length < PAGE) break;
        afterId = page.at(-1)?.id ?? '';
      }
      return isYoungMissing ? GRACE_MS : INTERVAL_MS;
    } finally {
      if ((await redis.get(TURN)) === this.name) await redis.del(TURN);
    }
  }

  /** Returns those that are in no queue, of models that there are. */
  private async missing(page: readonly UnfinishedId[]): Promise<UnfinishedId[]> {
    // Only then is it known which models there are.
    await this.queues.all();
    const missing: UnfinishedId[] = [];
    for (const [model, generations] of Map.groupBy(page, (generation) => generation.model)) {
      if (!this.queues.has(model)) continue;
      const ids = generations.map(({ id }) => id);
      const standings = await readStandings(this.commands.redis, model, ids);
      missing.push(...generations.filter((_, i) => standings[i] === undefined));
    }
    return missing.sort((a, b) => (a.id < b.id ? -1 : 1));
  }
}
