import { Lifecycle, Log } from '@darkroom/service-kit';
import { openGenerationWorker, type GenerationWorker as QueueWorker } from '@darkroom/service-kit/queue';
import { type BeforeApplicationShutdown, Injectable } from '@nestjs/common';
import { Config } from './config.js';
import { Intake } from './intake.js';
import { JobProcessor } from './job-processor.js';
import { WorkerIdentity } from './worker-identity.js';

/** Takes generations off the model's queue, a few at a time, from the moment the model is loaded until the service or an operator drains it. */
@Injectable()
export class GenerationWorker implements BeforeApplicationShutdown {
  private readonly worker: QueueWorker;
  private readonly lifecycle: Lifecycle;

  constructor(config: Config, processor: JobProcessor, identity: WorkerIdentity, intake: Intake, lifecycle: Lifecycle, log: Log) {
    this.lifecycle = lifecycle;
    this.worker = openGenerationWorker(
      config.model,
      config.redisUrl,
      log,
      // BullMQ gives the third to a processor that declares it.
      (job, token, lockLost) => processor.process(job, token, lockLost),
      // The job tells who took it last, to whoever looks at it.
      { autorun: false, concurrency: config.concurrency, name: identity.id },
    );
    // Closing keeps it from taking another job; those in flight are cut short by the same signal and go back.
    lifecycle.draining.addEventListener('abort', () => void this.worker.close(), { once: true });
    // What is in flight has come back by itself; it is not waited for.
    intake.add({ drain: () => this.worker.pause(true), resume: () => this.worker.resume() });
    processor.ready().then(
      () => this.worker.run(),
      // A worker without its model must not take jobs that another could do; readiness tells why it is idle.
      () => {},
    );
  }

  async beforeApplicationShutdown(): Promise<void> {
    // Jobs are back or done before this is over. BullMQ's own closing doesn't end while a lost connection is being made again.
    await this.lifecycle.inTime(this.worker.close());
  }
}
