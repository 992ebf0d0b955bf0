/** The autoscaler as a service, for its specs: real gRPC, a real Redis, and jobs that get their places as the gateway gives them. */
import {
  ExternalScalerClient,
  ExternalScalerService,
  encodeGenerationJob,
  GenerationJob,
  type GetMetricSpecResponse,
  type GetMetricsResponse,
  type IsActiveResponse,
  type ScaledObjectRef,
  WorkerReport,
} from '@darkroom/contracts';
import { Log, serve, startService } from '@darkroom/service-kit';
import {
  connectRedis,
  endWarm,
  FairQueue,
  noteWarm,
  openGenerationQueue,
  publishWorkerReport,
} from '@darkroom/service-kit/queue';
import { credentials } from '@grpc/grpc-js';
import { vi } from 'vitest';
import { AppModule } from '../app.module.js';
import { Config } from '../config.js';
import { Scaler } from './scaler.js';

const log = Log.create('spec', 'silent');

/** Starts the service and a client of it, made from KEDA's contract; its caller stops it. */
export async function startAutoscaler(environment: Readonly<Record<string, string>>) {
  const service = await startService({
    config: Config,
    module: AppModule,
    services: (resolve) => [serve(ExternalScalerService, resolve(Scaler))],
    environment: { HTTP_PORT: '0', GRPC_PORT: '0', LOG_LEVEL: 'silent', MODELS: 'pocket,pocket-turbo', ...environment },
  });
  const client = new ExternalScalerClient(`127.0.0.1:${service.grpcPort}`, credentials.createInsecure());
  const http = `http://127.0.0.1:${service.httpPort}`;
  const call = <Answer>(make: (done: (error: Error | null, answer: Answer) => void) => void) =>
    new Promise<Answer>((resolve, reject) => make((error, answer) => (error === null ? resolve(answer) : reject(error))));
  const isActive = (ref: ScaledObjectRef) => call<IsActiveResponse>((done) => client.isActive(ref, done));
  const getMetricSpec = (ref: ScaledObjectRef) => call<GetMetricSpecResponse>((done) => client.getMetricSpec(ref, done));
  const getMetrics = (ref: ScaledObjectRef, metricName = 'compute-seconds-pocket') =>
    call<GetMetricsResponse>((done) => client.getMetrics({ scaledObjectRef: ref, metricName }, done));
  return {
    client,
    isActive,
    getMetricSpec,
    getMetrics,
    /** What a horizontal autoscaler comes to: the metric over its target, rounded up. */
    replicas: async (ref: ScaledObjectRef) => {
      const [{ metricSpecs }, { metricValues }] = await Promise.all([getMetricSpec(ref), getMetrics(ref)]);
      return Math.ceil((metricValues[0]?.metricValueFloat as number) / (metricSpecs[0]?.targetSizeFloat as number));
    },
    ready: async () =>
      (await (await fetch(`${http}/readyz`)).json()) as { ready: boolean; missing: object; notes?: Record<string, string> },
    metrics: async () => await (await fetch(`${http}/metrics`)).text(),
    stop: async () => {
      client.close();
      await service.stop();
    },
  };
}

/** A ScaledObject with a trigger for pocket. */
export function scaledObject(name: string, metadata: Readonly<Record<string, string>> = {}): ScaledObjectRef {
  const scalerMetadata = { model: 'pocket', latencySeconds: '10', maxReplicas: '20', scaleDownSeconds: '0', ...metadata };
  return { name, namespace: 'darkroom', scalerMetadata };
}

/** The queue's other ends: what gateways and denoisers do to it. */
export async function useQueue(redisUrl: string) {
  const redis = connectRedis(redisUrl, log);
  await vi.waitFor(() => {
    if (redis.status !== 'ready') throw new Error('Redis is not reachable yet');
  });
  const queue = openGenerationQueue('pocket', redisUrl, log);
  const fair = new FairQueue(redis, queue);
  let made = 0;
  return {
    /** Lets jobs in that cost so many seconds of a device each. */
    submit: async (jobs: number, seconds: number) => {
      for (let i = 0; i < jobs; i += 1) {
        const id = `gen_${made++}`;
        const candidate = { id, tenantId: `ten_${i % 3}`, weight: 1, seconds, urgency: 0, isRepeatable: false };
        const place = await fair.admit(candidate, { secondsAhead: Number.POSITIVE_INFINITY, jobs: 100_000 });
        if (place.verdict !== 'admitted') throw new Error(`the queue is ${place.verdict}`);
        const job = GenerationJob.fromPartial({
          id,
          model: 'pocket',
          width: 256,
          height: 256,
          steps: 10,
          guidanceScale: 1,
          imageCount: 1,
        });
        await queue.add('generation', encodeGenerationJob(job), { jobId: id, priority: place.priority });
      }
    },
    /** Reports of workers: passes of one row take 100 ms, so those ten steps are a second. */
    work: async (workers: number, remainingSeconds = 0) => {
      for (let i = 0; i < workers; i += 1) {
        const loads = remainingSeconds === 0 ? [] : [{ tenantId: 'ten_0', remainingSeconds }];
        const passTimes = [{ pixels: 65_536, rows: 1, ms: 100 }];
        const report = { workerId: `w${i}`, concurrency: 16, running: loads.length, loads, passTimes, otherSeconds: 1 };
        await publishWorkerReport(redis, 'pocket', WorkerReport.fromPartial(report));
      }
    },
    /** An operator's wish for replicas that are ready; 0 takes it back. */
    warm: async (replicas: number) => {
      if (replicas === 0) await endWarm(redis, 'pocket');
      else await noteWarm(redis, 'pocket', { replicas, untilMs: Date.now() + 600_000, by: 'ann' });
    },
    empty: () => redis.flushall(),
    close: async () => {
      await queue.close();
      redis.disconnect();
    },
  };
}
