import { Metrics } from '@darkroom/service-kit';
import { Injectable } from '@nestjs/common';
import { Forecasts } from '../forecast/forecasts.js';
import { ModelQueues } from './model-queues.js';

/** What is seen of a model's queue and workers. */
interface Seen {
  readonly model: string;
  readonly waiting: number;
  readonly waitSeconds: number;
  readonly workers: number;
}

/** The metrics of one scrape are of one look. */
const freshMs = 500;

/** Tells at each scrape what waits in the queues, and who works them off; nothing while Redis is away. */
@Injectable()
export class QueueMetrics {
  private readonly queues: ModelQueues;
  private readonly forecasts: Forecasts;
  private known: { readonly seen: Promise<readonly Seen[]>; readonly atMs: number } | undefined;

  constructor(queues: ModelQueues, forecasts: Forecasts, metrics: Metrics) {
    this.queues = queues;
    this.forecasts = forecasts;
    const collect = (value: (seen: Seen) => number) => async (gauge: ReturnType<Metrics['gauge']>) => {
      const all = await this.seen();
      gauge.reset();
      for (const seen of all) gauge.labels({ model: seen.model }).set(value(seen));
    };
    const labelNames = ['model'];
    metrics.gauge({
      name: 'darkroom_queue_waiting_count',
      help: 'Generations that wait for a worker of their model, those that were begun and put back among them.',
      labelNames,
      collect: collect(({ waiting }) => waiting),
    });
    metrics.gauge({
      name: 'darkroom_queue_wait_seconds',
      help: 'In what time all that waits for a model will have been begun, as foreseen.',
      labelNames,
      collect: collect(({ waitSeconds }) => waitSeconds),
    });
    metrics.gauge({
      name: 'darkroom_queue_workers_count',
      help: 'Workers that take generations of a model.',
      labelNames,
      collect: collect(({ workers }) => workers),
    });
  }

  private async seen(): Promise<readonly Seen[]> {
    if (this.known === undefined || performance.now() - this.known.atMs > freshMs) {
      // The service's other metrics are to be had while Redis or the models are not.
      this.known = { seen: this.look().catch(() => []), atMs: performance.now() };
    }
    return await this.known.seen;
  }

  private async look(): Promise<Seen[]> {
    const models = [...(await this.queues.models())];
    return await Promise.all(
      models.map(async (model) => {
        const [work, forecast] = await Promise.all([this.queues.fair(model).workload(1), this.forecasts.of(model)]);
        const waiting = work.waitingJobs + work.returnedJobs;
        return { model, waiting, waitSeconds: forecast.realSeconds(work.waitingSeconds), workers: forecast.devices };
      }),
    );
  }
}
