/** Prompt encoders as services, for specs: real gRPC, the real models. */
import { fileURLToPath } from 'node:url';
import { PromptEncoderServiceService } from '@darkroom/contracts';
import { type GrpcClient, GrpcConnection, serve, startService } from '@darkroom/service-kit';
import { AppModule } from './app.module.js';
import { Config } from './config.js';
import { Encoding } from './encoding.js';

/** Where the repository's models are. */
export const models = fileURLToPath(new URL('../../../models', import.meta.url));

/** A service that runs, and a client of it. */
export interface RunningEncoder {
  readonly encoder: GrpcClient<typeof PromptEncoderServiceService>;
  /** Asks it for a page, for instance "/metrics". */
  page(path: string): Promise<Response>;
  stop(): Promise<void>;
}

/** Starts a prompt encoder; the environment is added to what each of them gets. */
export async function startEncoder(environment: Record<string, string> = {}): Promise<RunningEncoder> {
  const service = await startService({
    config: Config,
    module: AppModule,
    services: (resolve) => [serve(PromptEncoderServiceService, resolve(Encoding))],
    environment: {
      HTTP_PORT: '0',
      LOG_LEVEL: 'silent',
      MODELS_DIR: models,
      MODELS: 'pocket',
      INTRA_OP_THREADS: '2',
      ...environment,
    },
  });
  const connection = new GrpcConnection({ address: `127.0.0.1:${service.grpcPort}`, name: 'prompt-encoder', timeoutMs: 30_000 });
  return {
    encoder: connection.client(PromptEncoderServiceService),
    page: (path) => fetch(`http://127.0.0.1:${service.httpPort}${path}`),
    stop: async () => {
      connection.close();
      await service.stop();
    },
  };
}
