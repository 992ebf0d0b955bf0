import { MeteredBlobStore, Metrics, openBlobStore } from '@darkroom/service-kit';
import { Module } from '@nestjs/common';
import { CheckpointStore } from './checkpoint-store.js';
import { Config } from './config.js';
import { FileCheck } from './file-check.js';
import { GenerationPipeline } from './generation-pipeline.js';
import { GenerationStore, openedBlobStore } from './generation-store.js';
import { GenerationWorker } from './generation-worker.js';
import { ImagePipeline } from './image-pipeline.js';
import { Intake } from './intake.js';
import { JobProcessor } from './job-processor.js';
import { KeptInputs } from './kept-inputs.js';
import { PartialImages } from './partial-images.js';
import { PictureEncoding } from './picture-encoding.js';
import { Recovery } from './recovery.js';
import { RedisConnections } from './redis-connections.js';
import { RunFactory } from './run-factory.js';
import { Stages } from './stages.js';
import { TransformerStage } from './transformer-stage.js';
import { WorkerIdentity } from './worker-identity.js';
import { WorkerReporter } from './worker-reporter.js';

/** Wires the denoiser: queue -> pipeline -> stages and store. */
@Module({
  providers: [
    {
      provide: openedBlobStore,
      inject: [Config, Metrics],
      useFactory: async (config: Config, metrics: Metrics) => new MeteredBlobStore(await openBlobStore(config), metrics),
    },
    RedisConnections,
    Intake,
    GenerationStore,
    CheckpointStore,
    KeptInputs,
    Stages,
    TransformerStage,
    PartialImages,
    PictureEncoding,
    ImagePipeline,
    GenerationPipeline,
    Recovery,
    WorkerIdentity,
    FileCheck,
    WorkerReporter,
    RunFactory,
    JobProcessor,
    GenerationWorker,
  ],
})
export class AppModule {}
