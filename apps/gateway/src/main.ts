import { startService } from '@darkroom/service-kit';
import { AppModule } from './app.module.js';
import { Config } from './config.js';

await startService({ config: Config, module: AppModule });
