import { DarkroomError } from '@darkroom/contracts';
import { Redis } from 'ioredis';
import type { Log } from '../telemetry/log.js';

/** Waits between attempts to reach Redis again: 100 ms at first, never over 2 s. */
export function reconnectDelay(attempt: number): number {
  return Math.min(100 * attempt, 2_000);
}

/** A connection that is closed waits so long for the other end, which may be silent: only then do its commands fail. */
const disconnectTimeout = 500;

/** Options under which a command fails at once while Redis is away, for services that must answer someone. */
export const failFastOptions = {
  enableOfflineQueue: false,
  maxRetriesPerRequest: 0,
  autoResendUnfulfilledCommands: false,
  connectTimeout: 2_000,
  commandTimeout: 5_000,
  disconnectTimeout,
  retryStrategy: reconnectDelay,
};

/** Options under which commands wait until Redis is back, as blocking readers of a queue must. */
export const patientOptions = {
  maxRetriesPerRequest: null,
  connectTimeout: 2_000,
  disconnectTimeout,
  retryStrategy: reconnectDelay,
};

/**
 * Connects for plain commands, which fail at once with ioredis' error while Redis is away; see `redisUnavailable`.
 *
 * @param over ends the connection when it aborts, and with it what still waits for an answer.
 */
export function connectRedis(url: string, log: Log, over?: AbortSignal): Redis {
  const redis = new Redis(url, { ...failFastOptions });
  over?.addEventListener('abort', () => redis.disconnect(), { once: true });
  logRedisState(redis, log, 'commands');
  return redis;
}

/** Anything that tells of a connection's fate, as ioredis and BullMQ's classes do. */
interface ConnectionEvents {
  on(event: 'error', listener: (error: Error) => void): unknown;
  on(event: 'ready', listener: () => void): unknown;
}

/** Logs a lost connection once, not at each attempt, and its return. It also keeps `error` events from ending the process. */
export function logRedisState(connection: ConnectionEvents, log: Log, purpose: string): void {
  let isLost = false;
  connection.on('error', (error) => {
    if (!isLost) log.warn('Redis is not reachable', { purpose, reason: error.message || error.name });
    isLost = true;
  });
  connection.on('ready', () => {
    if (isLost) log.info('Redis is back', { purpose });
    isLost = false;
  });
}

/** Says why Redis can't be used, or undefined when it can; for `Readiness.require`. */
export async function redisMissing(redis: Redis): Promise<string | undefined> {
  if (redis.status !== 'ready') return 'Redis is not reachable';
  await redis.ping();
  return undefined;
}

/** Turns what a Redis command threw into `unavailable`, keeping errors that are ours already. */
export function redisUnavailable(thrown: unknown, message = 'the queue is not reachable'): DarkroomError {
  if (thrown instanceof DarkroomError) return thrown;
  return new DarkroomError({
    code: 'unavailable',
    message,
    retryAfterSeconds: 2,
    cause: thrown,
  });
}
