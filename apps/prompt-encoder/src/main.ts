import { PromptEncoderServiceService } from '@darkroom/contracts';
import { serve, startService } from '@darkroom/service-kit';
import { AppModule } from './app.module.js';
import { Config } from './config.js';
import { Encoding } from './encoding.js';

await startService({
  config: Config,
  module: AppModule,
  services: (resolve) => [serve(PromptEncoderServiceService, resolve(Encoding))],
});
