import { fileURLToPath } from 'node:url';
import { ModeratorServiceService } from '@darkroom/contracts';
import { GrpcConnection, type RunningService, serve, startService } from '@darkroom/service-kit';
import { AppModule } from './app.module.js';
import { AuditedModeration } from './audit/audited-moderation.js';
import { Config } from './config.js';

/** The models that ship. */
export const models = fileURLToPath(new URL('../../../models', import.meta.url));

/** Starts the moderator as it is, with a connection to it. */
export async function startModerator(
  environment: Record<string, string>,
): Promise<{ service: RunningService; connection: GrpcConnection }> {
  const service = await startService({
    config: Config,
    module: AppModule,
    services: (resolve) => [serve(ModeratorServiceService, resolve(AuditedModeration))],
    environment: { HTTP_PORT: '0', LOG_LEVEL: 'silent', ...environment },
  });
  return {
    service,
    connection: new GrpcConnection({ address: `127.0.0.1:${service.grpcPort}`, name: 'moderator', timeoutMs: 10_000 }),
  };
}
