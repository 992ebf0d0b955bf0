import { ModeratorServiceService } from '@darkroom/contracts';
import { serve, startService } from '@darkroom/service-kit';
import { AppModule } from './app.module.js';
import { AuditedModeration } from './audit/audited-moderation.js';
import { Config } from './config.js';

await startService({
  config: Config,
  module: AppModule,
  services: (resolve) => [serve(ModeratorServiceService, resolve(AuditedModeration))],
});
