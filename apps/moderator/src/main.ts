import { ModeratorServiceService } from '@darkroom/contracts';
import { serve, startService } from '@darkroom/service-kit';
import { AppModule } from './app.module.js';
import { Config } from './config.js';
import { Moderation } from './moderation.js';

await startService({
  config: Config,
  module: AppModule,
  services: (resolve) => [serve(ModeratorServiceService, resolve(Moderation))],
});
