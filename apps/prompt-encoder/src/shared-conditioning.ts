import type { Log, Metrics } from '@darkroom/service-kit';
import { connectRedis } from '@darkroom/service-kit/redis';
import type { CachedConditioning } from './conditioning-cache.js';
import { fromEntryBytes, toEntryBytes } from './conditioning-entry.js';
import { keepEntry, readEntry } from './shared-conditioning-scripts.js';

const ENTRY_PREFIX = 'darkroom:conditioning:';
const USES_KEY = 'darkroom:conditioning-uses';
const SIZES_KEY = 'darkroom:conditioning-sizes';

/** An entry is kept so long after its last use, as a finished job is. */
const KEPT_MS = 24 * 60 * 60 * 1000;

/** What counts for an entry beside its own bytes: its key, its place in the index, and Redis' own books. Measured: about 500. */
const ENTRY_OVERHEAD_BYTES = 512;

/** Expired entries taken out of the index whenever one is kept. */
const MOST_EXPIRED = 100;

/** Redis is left alone for this long after an answer that came too late or not at all. */
const REST_MS = 1_000;

/** Which Redis keeps what is shared, how much of it, and how long it may take. */
export interface SharedConditioningOptions {
  readonly redisUrl: string;
  readonly capacityBytes: number;
  /** Milliseconds after which an answer is not waited for any more. */
  readonly patienceMs: number;
}

/** The scripts as methods of the connection; the suffix makes ioredis leave the bytes as they are. */
interface ConditioningCommands {
  readEntryBuffer(...keysAndArguments: (string | number)[]): Promise<Buffer | null>;
  keepEntry(...keysAndArguments: (string | number | Buffer)[]): Promise<number>;
}

/**
 * Keeps conditioning in Redis for all prompt encoders, up to a number of bytes; the least recently used goes first.
 *
 * It is a help, never a need: while Redis is away, slow or full, nothing is found, nothing is kept, and nobody waits long.
 */
export class SharedConditioning {
  private readonly redis: ReturnType<typeof connectRedis> & ConditioningCommands;
  private readonly capacityBytes: number;
  private readonly patienceMs: number;
  private readonly log: Log;
  private readonly failures;
  private restsUntil = 0;

  constructor({ redisUrl, capacityBytes, patienceMs }: SharedConditioningOptions, log: Log, metrics: Metrics) {
    const redis = connectRedis(redisUrl, log);
    redis.defineCommand('readEntry', { numberOfKeys: 3, lua: readEntry });
    redis.defineCommand('keepEntry', { numberOfKeys: 3, lua: keepEntry });
    this.redis = redis as typeof this.redis;
    this.capacityBytes = capacityBytes;
    this.patienceMs = patienceMs;
    this.log = log;
    this.failures = metrics.counter({
      name: 'darkroom_conditioning_shared_failures_total',
      help: 'Questions that Redis did not answer: it was away, took too long, or refused, as it does without memory left.',
      labelNames: ['reason'],
    });
  }

  /** Finds an entry; undefined when there is none, it is damaged, or Redis does not answer. */
  async get(key: string): Promise<CachedConditioning | undefined> {
    const bytes = await this.ask(() => this.redis.readEntryBuffer(...keysOf(key), key, KEPT_MS));
    if (bytes === undefined || bytes === null) return undefined;
    const entry = fromEntryBytes(key, bytes);
    if (entry === undefined) {
      this.log.warn('an entry of the shared conditioning cache is damaged or of another version; it is made anew');
    }
    return entry;
  }

  /**
   * Keeps an entry, dropping old ones to make room; one that is larger than the whole cache is not kept.
   *
   * @returns how many were dropped to make room.
   */
  async set(key: string, entry: CachedConditioning): Promise<number> {
    const bytes = toEntryBytes(key, entry);
    const size = bytes.length + ENTRY_OVERHEAD_BYTES;
    if (size > this.capacityBytes) return 0;
    const room = [size, this.capacityBytes, ENTRY_PREFIX, MOST_EXPIRED];
    return (await this.ask(() => this.redis.keepEntry(...keysOf(key), key, KEPT_MS, bytes, ...room))) ?? 0;
  }

  /** Bytes that all entries count for together; undefined when Redis does not answer. */
  async bytes(): Promise<number | undefined> {
    const total = await this.ask(() => this.redis.hget(SIZES_KEY, 'total'));
    return total === undefined ? undefined : Number(total ?? 0);
  }

  close(): void {
    this.redis.disconnect();
  }

  /** Asks Redis something; undefined when it can't answer, or not in time. */
  private async ask<Answer>(question: () => Promise<Answer>): Promise<Answer | undefined> {
    if (performance.now() < this.restsUntil) return undefined;
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<undefined>((resolve) => {
      timer = setTimeout(() => {
        this.restsUntil = performance.now() + REST_MS;
        this.failures.inc({ reason: 'late' });
        resolve(undefined);
      }, this.patienceMs);
    });
    try {
      return await Promise.race([question(), late]);
    } catch (error) {
      this.failures.inc({ reason: this.redis.status === 'ready' ? 'refused' : 'away' });
      // The message alone: ioredis' error carries the command with all its bytes.
      this.log.debug('the shared conditioning cache did not answer', {
        reason: error instanceof Error ? error.message : 'unknown',
      });
      return undefined;
    } finally {
      clearTimeout(timer);
    }
  }
}

function keysOf(key: string): [string, string, string] {
  return [ENTRY_PREFIX + key, USES_KEY, SIZES_KEY];
}
