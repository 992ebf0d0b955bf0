import { AuditEntry } from '@darkroom/contracts';
import { Redis } from 'ioredis';
import { logRedisState, patientOptions, redisUnavailable } from '../queue/redis.js';
import type { Log } from '../telemetry/log.js';

/** The stream in which entries wait for the control plane, in the order in which they were made. */
const STREAM = 'darkroom:audit';
const ENTRY_FIELD = 'entry';

/**
 * Hands an entry to the audit log.
 *
 * @param redis a connection for plain commands, which fail at once while Redis is away.
 * @throws {DarkroomError} Thrown with `unavailable` when Redis didn't confirm it; then what the entry tells of must not happen.
 */
export async function appendToAudit(redis: Redis, entry: AuditEntry): Promise<void> {
  try {
    await redis.xadd(STREAM, '*', ENTRY_FIELD, Buffer.from(AuditEntry.encode(entry).finish()));
  } catch (error) {
    throw redisUnavailable(error, 'the audit log can not be written at the moment');
  }
}

/** An entry that waits: its place in the stream, and its bytes as they were written. */
export interface WaitingEntry {
  readonly place: string;
  readonly bytes: Buffer;
}

/**
 * Reads the entries that wait, over a connection of its own.
 *
 * Every reader sees all of them until they are forgotten: several that store what they read find the same beginning, and whoever comes
 * later finds it stored. So the order holds without any of them owning entries, as members of a consumer group would.
 */
export class WaitingEntries {
  private readonly redis: Redis;
  private isClosed = false;
  private abandon: ((reason: Error) => void) | undefined;

  constructor(url: string, log: Log) {
    this.redis = new Redis(url, { ...patientOptions });
    logRedisState(this.redis, log, 'audit log');
  }

  /** Returns the earliest entries, waiting for one when there is none; none when none came. */
  async next(most: number, patienceMs: number): Promise<WaitingEntry[]> {
    const streams = await this.untilClosed(this.redis.xreadBuffer('COUNT', most, 'BLOCK', patienceMs, 'STREAMS', STREAM, '0'));
    const [, entries] = streams?.[0] ?? [];
    return (entries ?? []).map(([place, fields]) => ({ place: String(place), bytes: fields?.[1] as Buffer }));
  }

  /** Takes entries out of the stream that the log has. */
  async forget(entries: readonly WaitingEntry[]): Promise<void> {
    await this.untilClosed(this.redis.xdel(STREAM, ...entries.map(({ place }) => place)));
  }

  /** Ends the connection, and with it a call that waits or comes later. */
  close(): void {
    this.isClosed = true;
    this.redis.disconnect();
    this.abandon?.(closed());
  }

  /** What waits for Redis to be back is told nothing by ioredis when the connection is closed instead. */
  private async untilClosed<Result>(command: Promise<Result>): Promise<Result> {
    return await new Promise((resolve, reject) => {
      this.abandon = reject;
      command.then(resolve, reject);
      if (this.isClosed) reject(closed());
    });
  }
}

function closed(): Error {
  return new Error('the connection was closed');
}
