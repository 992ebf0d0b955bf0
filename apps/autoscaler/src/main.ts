import { ExternalScalerService } from '@darkroom/contracts';
import { serve, startService } from '@darkroom/service-kit';
import { AppModule } from './app.module.js';
import { Config } from './config.js';
import { Scaler } from './scaling/scaler.js';

await startService({
  config: Config,
  module: AppModule,
  services: (resolve) => [serve(ExternalScalerService, resolve(Scaler))],
});
