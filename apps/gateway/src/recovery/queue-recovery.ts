import type { UnfinishedId } from '@darkroom/contracts';
import { readStandings } from '@darkroom/service-kit/queue';
import { Injectable, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { JournalClient } from '../journal/journal-client.js';
import { ModelQueues } from '../queue/model-queues.js';
import { RedisCommands } from '../queue/redis.provider.js';
import { LostGenerations } from './lost-generations.js';
import { GRACE_MS, RepeatedLooks } from './repeated-looks.js';

/** Generations of one question. */
const PAGE = 1_000;
/** Generations whose jobs are fetched together. */
const TOGETHER = 100;

/**
 * Puts generations back into their queues that were accepted, have not ended, and are in none: their queue was lost, or their gateway died
 * before it had added them. Two gateways at it do no harm, since a job is known by its generation's id.
 */
@Injectable()
export class QueueRecovery implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly journal: JournalClient;
  private readonly queues: ModelQueues;
  private readonly commands: RedisCommands;
  private readonly lost: LostGenerations;
  private readonly looks: RepeatedLooks;
  private running: Promise<void> | undefined;

  constructor(journal: JournalClient, queues: ModelQueues, commands: RedisCommands, lost: LostGenerations, looks: RepeatedLooks) {
    this.journal = journal;
    this.queues = queues;
    this.commands = commands;
    this.lost = lost;
    this.looks = looks;
  }

  onApplicationBootstrap(): void {
    this.running = this.looks.run({
      turn: 'darkroom:recovery',
      purpose: 'the journal can not be compared with the queues',
      look: (draining) => this.look(draining),
    });
  }

  async onApplicationShutdown(): Promise<void> {
    await this.running;
  }

  private async look(draining: AbortSignal): Promise<boolean> {
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
    return isYoungMissing;
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
