import { openBlobStore } from '@darkroom/service-kit';
import { Module } from '@nestjs/common';
import { Config } from './config.js';
import { GenerationPipeline } from './generation-pipeline.js';
import { GenerationStore, openedBlobStore } from './generation-store.js';
import { GenerationWorker } from './generation-worker.js';
import { JobProcessor } from './job-processor.js';
import { Stages } from './stages.js';
import { TransformerStage } from './transformer-stage.js';

/** Wires the denoiser: queue -> pipeline -> stages and store. */
@Module({
  providers: [
    { provide: openedBlobStore, inject: [Config], useFactory: (config: Config) => openBlobStore(config) },
    GenerationStore,
    Stages,
    TransformerStage,
    GenerationPipeline,
    JobProcessor,
    GenerationWorker,
  ],
})
export class AppModule {}
