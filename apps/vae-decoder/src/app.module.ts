import { KernelMetrics } from '@darkroom/model-serving';
import { Metrics } from '@darkroom/service-kit';
import { Module } from '@nestjs/common';
import { Decoding } from './decoding.js';
import { Encoding } from './encoding.js';
import { Provenance } from './provenance/provenance.js';
import { ProvenanceKeys } from './provenance/provenance-keys.js';
import { VaeModels } from './vae-models.js';

/** Wires the VAE decoder, and the encoder and the pictures' provenance beside it. */
@Module({
  providers: [
    Decoding,
    Encoding,
    Provenance,
    ProvenanceKeys,
    VaeModels,
    { provide: KernelMetrics, useFactory: (metrics: Metrics) => new KernelMetrics(metrics), inject: [Metrics] },
  ],
})
export class AppModule {}
