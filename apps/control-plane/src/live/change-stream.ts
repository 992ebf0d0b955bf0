import { setTimeout as sleep } from 'node:timers/promises';
import type { GenerationChangeBody } from '@darkroom/contracts/admin';
import { Lifecycle, Log } from '@darkroom/service-kit';
import { connectRedis } from '@darkroom/service-kit/queue';
import { Injectable, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { Config } from '../config.js';
import { type GenerationChange, GenerationChanges } from '../journal/generation-changes.js';

/** Where all control planes tell each other what they have changed in the journal. */
const STREAM = 'darkroom:live:generations';
const FIELD = 'changes';

/** Entries that can be come back to: some minutes under load. */
const KEPT = 5_000;

/** So long a reading waits: less than a command may take. */
const PATIENCE_MS = 3_000;

/** Wait after a failure. */
const PAUSE_MS = 1_000;

/** Changes of generations, and their place in the stream; empty where they were not shared, since there is no Redis. */
export interface SharedChanges {
  readonly place: string;
  readonly changes: readonly GenerationChangeBody[];
}

/** Hears of changes. */
export type SharedListener = (shared: SharedChanges) => void;

/** Tells what any of the control planes has changed in the journal: each only hears of its own, and a page may be connected to another. */
@Injectable()
export class ChangeStream implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly changes: GenerationChanges;
  private readonly log: Log;
  private readonly commands: ReturnType<typeof connectRedis> | undefined;
  private readonly reader: ReturnType<typeof connectRedis> | undefined;
  private readonly listeners = new Set<SharedListener>();
  private readonly stopping: AbortSignal;
  private stopListening: (() => void) | undefined;
  private running: Promise<void> | undefined;

  constructor({ redisUrl }: Config, changes: GenerationChanges, lifecycle: Lifecycle, log: Log) {
    this.changes = changes;
    this.log = log;
    this.stopping = lifecycle.draining;
    this.commands = redisUrl === undefined ? undefined : connectRedis(redisUrl, log, lifecycle.draining);
    this.reader = redisUrl === undefined ? undefined : connectRedis(redisUrl, log, lifecycle.draining);
  }

  onApplicationBootstrap(): void {
    this.stopListening = this.changes.on((changes) => void this.share(changes.map(viewChange)));
    if (this.reader !== undefined) this.running = this.read(this.reader);
  }

  async onApplicationShutdown(): Promise<void> {
    this.stopListening?.();
    await this.running;
  }

  /** Calls the listener with what is changed from now on, until the returned function is called. */
  on(listener: SharedListener): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  /** Returns what came after a place; undefined when that is not known any more, and everything has to be looked at anew. */
  async after(place: string): Promise<readonly SharedChanges[] | undefined> {
    if (this.commands === undefined || !/^\d+-\d+$/.test(place)) return undefined;
    try {
      const [first] = await this.commands.xrange(STREAM, '-', '+', 'COUNT', 1);
      if (first === undefined || isBefore(place, first[0])) return undefined;
      return (await this.commands.xrange(STREAM, `(${place}`, '+')).map(([id, fields]) => entryOf(id, fields));
    } catch {
      return undefined;
    }
  }

  private async share(changes: readonly GenerationChangeBody[]): Promise<void> {
    if (this.commands !== undefined) {
      try {
        await this.commands.xadd(STREAM, 'MAXLEN', '~', KEPT, '*', FIELD, JSON.stringify(changes));
        return;
      } catch {
        // Those who are connected here are told all the same.
      }
    }
    this.tell({ place: '', changes });
  }

  private tell(shared: SharedChanges): void {
    for (const listener of this.listeners) listener(shared);
  }

  private async read(reader: ReturnType<typeof connectRedis>): Promise<void> {
    const signal = this.stopping;
    let place: string | undefined;
    while (!signal.aborted) {
      try {
        // What was before is for those who ask for it.
        place ??= (await reader.xrevrange(STREAM, '+', '-', 'COUNT', 1))[0]?.[0] ?? '0-0';
        const streams = await reader.xread('BLOCK', PATIENCE_MS, 'STREAMS', STREAM, place);
        for (const [id, fields] of streams?.[0]?.[1] ?? []) {
          place = id;
          this.tell(entryOf(id, fields));
        }
      } catch (error) {
        if (signal.aborted) return;
        this.log.debug('changes of generations can not be read at the moment', { error });
        await sleep(PAUSE_MS, undefined, { signal }).catch(() => undefined);
      }
    }
  }
}

function viewChange({ id, tenantId, model, status, errorCode, at }: GenerationChange): GenerationChangeBody {
  return { id, tenant: tenantId, model, status, error_code: errorCode, at: at.toISOString() };
}

function entryOf(place: string, fields: readonly string[]): SharedChanges {
  return { place, changes: JSON.parse(fields[1] ?? '[]') as GenerationChangeBody[] };
}

function isBefore(place: string, other: string): boolean {
  const [ms = 0, count = 0] = place.split('-').map(Number);
  const [otherMs = 0, otherCount = 0] = other.split('-').map(Number);
  return ms < otherMs || (ms === otherMs && count < otherCount);
}
