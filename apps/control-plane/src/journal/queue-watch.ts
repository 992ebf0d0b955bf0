import { setTimeout as sleep } from 'node:timers/promises';
import { Lifecycle, Log } from '@darkroom/service-kit';
import { closeGenerationEvents, connectRedis, openGenerationEvents, readStandings } from '@darkroom/service-kit/queue';
import { Injectable, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { Config } from '../config.js';
import { GenerationChanges } from './generation-changes.js';
import { GenerationJournal } from './generation-journal.js';
import { standingOf } from './standing.js';

/** Pause in which events gather: a statement for each would take more of the machine. */
const GATHER_MS = 250;
/** So often everything that has not ended is compared with the queues, since events can be missed. */
const SWEEP_MS = 30_000;
/** Generations looked at together. */
const MOST = 1_000;
/** Wait after a failure, of Redis or of the database. */
const PAUSE_MS = 1_000;

type QueueEvents = ReturnType<typeof openGenerationEvents>;

/**
 * Keeps the journal in step with the queues. What happens in them only says which generations to look at; every replica does so, since a
 * look that comes late or twice changes nothing.
 */
@Injectable()
export class QueueWatch implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly redisUrl: string | undefined;
  private readonly journal: GenerationJournal;
  private readonly changes: GenerationChanges;
  private readonly log: Log;
  private readonly stopping: AbortSignal;
  private readonly events = new Map<string, QueueEvents>();
  /** Models of the generations that something has happened to. */
  private touched = new Map<string, string>();
  private sweptAtMs = 0;
  private running: Promise<void> | undefined;

  constructor({ redisUrl }: Config, journal: GenerationJournal, changes: GenerationChanges, lifecycle: Lifecycle, log: Log) {
    this.redisUrl = redisUrl;
    this.journal = journal;
    this.changes = changes;
    this.stopping = lifecycle.draining;
    this.log = log;
  }

  onApplicationBootstrap(): void {
    if (this.redisUrl === undefined) this.log.warn('REDIS_URL is not set: the journal does not learn how generations end');
    else this.running = this.run(this.redisUrl);
  }

  async onApplicationShutdown(): Promise<void> {
    await this.running;
  }

  private async run(redisUrl: string): Promise<void> {
    const signal = this.stopping;
    const redis = connectRedis(redisUrl, this.log, signal);
    const stopListening = this.changes.on((changes) => {
      for (const { model } of changes) this.watch(model, redisUrl);
    });
    // Not told at first: the database is seldom open by then, and tells itself where it can't be.
    for (let failed = true; !signal.aborted; ) {
      try {
        if (Date.now() - this.sweptAtMs >= SWEEP_MS) await this.sweep(redis, redisUrl);
        else await this.lookAtTouched(redis);
        failed = false;
      } catch (error) {
        if (!failed && !signal.aborted)
          this.log.warn('the journal can not be kept in step with the queues; trying again', { error });
        failed = true;
        // What was touched is not known any more, so everything is looked at.
        this.sweptAtMs = 0;
      }
      await sleep(failed ? PAUSE_MS : GATHER_MS, undefined, { signal }).catch(() => undefined);
    }
    stopListening();
    await Promise.all([...this.events.values()].map(closeGenerationEvents));
  }

  /** Listens to a model's queue from now on. */
  private watch(model: string, redisUrl: string): void {
    if (this.events.has(model) || this.stopping.aborted) return;
    const events = openGenerationEvents(model, redisUrl, this.log);
    const touch = ({ jobId }: { jobId: string }) => this.touched.set(jobId, model);
    events.on('active', touch);
    events.on('completed', touch);
    events.on('failed', touch);
    this.events.set(model, events);
    // What happened before it listened.
    const sweepNext = () => {
      this.sweptAtMs = 0;
    };
    events.waitUntilReady().then(sweepNext, () => undefined);
  }

  private async lookAtTouched(redis: Redis): Promise<void> {
    const touched = [...this.touched].map(([id, model]) => ({ id, model }));
    this.touched = new Map();
    for (let at = 0; at < touched.length; at += MOST) await this.look(redis, touched.slice(at, at + MOST));
  }

  private async sweep(redis: Redis, redisUrl: string): Promise<void> {
    const startedAtMs = Date.now();
    for (let after = ''; ; ) {
      const page = await this.journal.unfinishedIds(after, MOST);
      for (const { model } of page) this.watch(model, redisUrl);
      await this.look(redis, page);
      if (page.length < MOST) break;
      after = page.at(-1)?.id ?? '';
    }
    this.sweptAtMs = startedAtMs;
  }

  private async look(redis: Redis, touched: readonly { readonly id: string; readonly model: string }[]): Promise<void> {
    const ofModels = Map.groupBy(touched, ({ model }) => model);
    for (const [model, generations] of ofModels) {
      const ids = generations.map(({ id }) => id);
      const standings = await readStandings(redis, model, ids);
      await this.journal.advance(standings.flatMap((job, i) => standingOf(ids[i] as string, job) ?? []));
    }
  }
}

type Redis = ReturnType<typeof connectRedis>;
