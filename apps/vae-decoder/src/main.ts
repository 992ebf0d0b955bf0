import { ProvenanceServiceService, VaeDecoderServiceService, VaeEncoderServiceService } from '@darkroom/contracts';
import { serve, startService } from '@darkroom/service-kit';
import { AppModule } from './app.module.js';
import { Config } from './config.js';
import { Decoding } from './decoding.js';
import { Encoding } from './encoding.js';
import { Provenance } from './provenance/provenance.js';

await startService({
  config: Config,
  module: AppModule,
  services: (resolve) => [
    serve(VaeDecoderServiceService, resolve(Decoding)),
    serve(VaeEncoderServiceService, resolve(Encoding)),
    serve(ProvenanceServiceService, resolve(Provenance)),
  ],
});
