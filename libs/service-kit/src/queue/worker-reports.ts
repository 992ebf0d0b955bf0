import { WorkerReport, type Workers } from '@darkroom/contracts';
import type { Redis } from 'ioredis';
import { fileCheckOf, orderField } from './file-check-orders.js';

/** A worker that has said nothing for so long is gone. */
const ALIVE_SECONDS = 10;

/** The last report of a worker that has gone is still worth its measurements, for a day. */
const KEPT_SECONDS = 24 * 60 * 60;

const keysOf = (model: string) => [`darkroom:workers:${model}:seen`, `darkroom:workers:${model}:reports`] as const;

/** Names of workers that are to hand on what they have, and take nothing until they are taken out again. */
const drainsOf = (model: string) => `darkroom:workers:${model}:drains`;

/** Sorted set: models that ever had a worker by the moment at which one was heard of last, in Unix seconds. */
const MODELS = 'darkroom:models';

const clock = `
local time = redis.call('TIME')
local now = time[1] + time[2] / 1000000
`;

/**
 * Keeps a worker's report. Redis' own clock tells when it came, so that clocks of machines need not agree.
 *
 * KEYS[1]  sorted set: names of the workers by the moment at which they were heard of last, in Unix seconds
 * KEYS[2]  hash: their reports by name
 * KEYS[3]  set: names of those that are to be drained
 * KEYS[4]  sorted set: models by the moment at which a worker of theirs was heard of last
 * KEYS[5]  hash: the order to check the model's files
 * ARGV[1]  the worker's name
 * ARGV[2]  the report's bytes
 * ARGV[3]  the model
 * ARGV[4]  seconds to keep both for
 * ARGV[5]  the worker's field of that hash
 * Returns  1 when the worker is to be drained, else 0; and which check of files it is to make, or nothing
 */
const keep = `
${clock}
for _, gone in ipairs(redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', now - ARGV[4])) do
  redis.call('HDEL', KEYS[2], gone)
  redis.call('SREM', KEYS[3], gone)
end
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now - ARGV[4])
redis.call('ZADD', KEYS[1], string.format('%.3f', now), ARGV[1])
redis.call('HSET', KEYS[2], ARGV[1], ARGV[2])
redis.call('EXPIRE', KEYS[1], ARGV[4])
redis.call('EXPIRE', KEYS[2], ARGV[4])
redis.call('ZADD', KEYS[4], string.format('%.3f', now), ARGV[3])
return { redis.call('SISMEMBER', KEYS[3], ARGV[1]), redis.call('HGET', KEYS[5], ARGV[5]) or '' }
`;

/**
 * Reads the reports of the workers that live, or of the last one that did.
 *
 * KEYS     as above
 * ARGV[1]  seconds after which a silent worker is taken for gone
 * Returns  how many live, then of each how many seconds ago it reported and its report; when none does, the report that came last
 */
const read = `
${clock}
local names = redis.call('ZRANGEBYSCORE', KEYS[1], now - ARGV[1], '+inf')
local alive = #names
if alive == 0 then names = redis.call('ZREVRANGE', KEYS[1], 0, 0) end
local answer = { alive }
for _, name in ipairs(names) do
  table.insert(answer, tostring(now - redis.call('ZSCORE', KEYS[1], name)))
  table.insert(answer, redis.call('HGET', KEYS[2], name))
end
return answer
`;

/** What a worker hears when it reports. */
export interface ReportAnswer {
  /** Whether it is to hand on what it has, and take nothing. */
  readonly isToDrain: boolean;
  /** Names the check of its model's files that it is to make; undefined where nobody asks for one. */
  readonly fileCheck: string | undefined;
}

/** Tells what a worker of a model's queue is at; it counts as alive for some seconds. */
export async function publishWorkerReport(redis: Redis, model: string, report: WorkerReport): Promise<ReportAnswer> {
  const bytes = Buffer.from(WorkerReport.encode(report).finish());
  const keys = [...keysOf(model), drainsOf(model), MODELS, fileCheckOf(model)] as const;
  const values = [report.workerId, bytes, model, KEPT_SECONDS, orderField(report.workerId)] as const;
  const [isToDrain, fileCheck] = (await redis.eval(keep, keys.length, ...keys, ...values)) as [number, string];
  return { isToDrain: isToDrain === 1, fileCheck: fileCheck || undefined };
}

/** Leaves a note that a worker is to drain, or takes it back; the worker sees it at its next report. */
export async function noteDrain(redis: Redis, model: string, workerId: string, isToDrain: boolean): Promise<void> {
  if (isToDrain) await redis.sadd(drainsOf(model), workerId);
  else await redis.srem(drainsOf(model), workerId);
}

/** Lists which of a model's workers are to drain. */
export async function readDrains(redis: Redis, model: string): Promise<ReadonlySet<string>> {
  return new Set(await redis.smembers(drainsOf(model)));
}

/** Lists the models that ever had a worker, by name. */
export async function readModels(redis: Redis): Promise<string[]> {
  return (await redis.zrange(MODELS, '0', '-1')).sort();
}

/** Takes a worker that stops out of those that live; its measurements stay. */
export async function withdrawWorker(redis: Redis, model: string, workerId: string): Promise<void> {
  const [seen] = keysOf(model);
  await redis.zadd(seen, 'XX', 1, workerId);
}

/** Reads what a model's workers have told. */
export async function readWorkers(redis: Redis, model: string): Promise<Workers> {
  const [alive, ...entries] = (await redis.callBuffer('EVAL', read, 2, ...keysOf(model), ALIVE_SECONDS)) as [number, ...Buffer[]];
  const reports: WorkerReport[] = [];
  for (let i = 0; i < entries.length; i += 2) {
    const [age, bytes] = entries.slice(i, i + 2) as [Buffer, Buffer];
    reports.push(asOfNow(WorkerReport.decode(bytes), Number(age.toString())));
  }
  const measured = reports.find(({ passTimes }) => passTimes.length > 0);
  return { alive: reports.slice(0, alive), passTimes: measured?.passTimes ?? [] };
}

/** What will be finished in some seconds was told some seconds ago. */
function asOfNow(report: WorkerReport, ageSeconds: number): WorkerReport {
  const since = Math.max(0, ageSeconds);
  const loads = report.loads.map((load) => ({ ...load, finishSeconds: Math.max(0, load.finishSeconds - since) }));
  return { ...report, loads };
}
