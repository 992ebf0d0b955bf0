import type { Log } from '@darkroom/service-kit';
import { logRedisState, patientOptions } from '@darkroom/service-kit/queue';
import { type Processor, Worker } from 'bullmq';

/** Opens a consuming end of a queue that all gateways share; a gateway that dies is noticed within half a minute, and another goes on. */
export function openSharedWorker<Data, Result>(
  name: string,
  redisUrl: string,
  log: Log,
  process: Processor<Data, Result>,
  concurrency: number,
): Worker<Data, Result> {
  const worker = new Worker<Data, Result>(name, process, {
    connection: { url: redisUrl, ...patientOptions },
    // Without knowing the version of Redis, BullMQ would wait whole seconds for what is due sooner.
    skipVersionCheck: false,
    concurrency,
    lockDuration: 20_000,
    stalledInterval: 10_000,
    // However often that happens.
    maxStalledCount: 1_000_000,
    runRetryDelay: 1_000,
  });
  logRedisState(worker as never, log, `${name} worker`);
  return worker;
}
