import { KernelMetrics } from '@darkroom/model-serving';
import { Metrics } from '@darkroom/service-kit';
import { Module } from '@nestjs/common';
import { Decoding } from './decoding.js';
import { Encoding } from './encoding.js';
import { VaeModels } from './vae-models.js';

/** Wires the VAE decoder, and the encoder beside it. */
@Module({
  providers: [
    Decoding,
    Encoding,
    VaeModels,
    { provide: KernelMetrics, useFactory: (metrics: Metrics) => new KernelMetrics(metrics), inject: [Metrics] },
  ],
})
export class AppModule {}
