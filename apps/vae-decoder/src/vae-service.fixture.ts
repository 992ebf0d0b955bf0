/** The VAE decoder as a service, for its specs: real process parts, real gRPC, the real pocket model. */
import { fileURLToPath } from 'node:url';
import { ProvenanceServiceService, VaeDecoderServiceService, VaeEncoderServiceService } from '@darkroom/contracts';
import { GrpcConnection, serve, startService } from '@darkroom/service-kit';
import { AppModule } from './app.module.js';
import { Config } from './config.js';
import { Decoding } from './decoding.js';
import { Encoding } from './encoding.js';
import { Provenance } from './provenance/provenance.js';

/** Starts the service; its caller stops it. */
export async function startVaeService(environment: Readonly<Record<string, string>> = {}) {
  const service = await startService({
    config: Config,
    module: AppModule,
    services: (resolve) => [
      serve(VaeDecoderServiceService, resolve(Decoding)),
      serve(VaeEncoderServiceService, resolve(Encoding)),
      serve(ProvenanceServiceService, resolve(Provenance)),
    ],
    environment: {
      HTTP_PORT: '0',
      LOG_LEVEL: 'silent',
      MODELS_DIR: fileURLToPath(new URL('../../../models', import.meta.url)),
      MODELS: 'pocket',
      INTRA_OP_THREADS: '2',
      ...environment,
    },
  });
  const connection = new GrpcConnection({ address: `127.0.0.1:${service.grpcPort}`, name: 'vae-decoder', timeoutMs: 30_000 });
  return {
    connection,
    decoder: connection.client(VaeDecoderServiceService),
    encoder: connection.client(VaeEncoderServiceService),
    provenance: connection.client(ProvenanceServiceService),
    missing: async () => {
      const report = (await (await fetch(`http://127.0.0.1:${service.httpPort}/readyz`)).json()) as { missing: object };
      return report.missing;
    },
    metrics: async () => await (await fetch(`http://127.0.0.1:${service.httpPort}/metrics`)).text(),
    stop: async () => {
      connection.close();
      await service.stop();
    },
  };
}
