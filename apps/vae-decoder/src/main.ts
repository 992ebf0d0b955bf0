import { VaeDecoderServiceService } from '@darkroom/contracts';
import { serve, startService } from '@darkroom/service-kit';
import { AppModule } from './app.module.js';
import { Config } from './config.js';
import { Decoding } from './decoding.js';

await startService({
  config: Config,
  module: AppModule,
  services: (resolve) => [serve(VaeDecoderServiceService, resolve(Decoding))],
});
