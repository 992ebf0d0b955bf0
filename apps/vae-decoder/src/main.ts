import { VaeDecoderServiceService, VaeEncoderServiceService } from '@darkroom/contracts';
import { serve, startService } from '@darkroom/service-kit';
import { AppModule } from './app.module.js';
import { Config } from './config.js';
import { Decoding } from './decoding.js';
import { Encoding } from './encoding.js';

await startService({
  config: Config,
  module: AppModule,
  services: (resolve) => [serve(VaeDecoderServiceService, resolve(Decoding)), serve(VaeEncoderServiceService, resolve(Encoding))],
});
