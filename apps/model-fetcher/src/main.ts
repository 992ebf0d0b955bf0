import { ConfigError, describeConfig, Log } from '@darkroom/service-kit';
import { bringModels } from './bring-models.js';
import { Config } from './config.js';
import { ModelCache } from './model-cache.js';

if (process.argv.includes('--help')) {
  process.stdout.write(describeConfig(Config.definition));
} else {
  process.exitCode = await run();
}

/** Returns the process's exit status: 78 when a restart won't help. */
async function run(): Promise<number> {
  let config: Config;
  try {
    config = Config.read();
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    process.stderr.write(`${error.message}\n`);
    return 78;
  }
  const log = Log.create('model-fetcher', config.logLevel);
  try {
    await bringModels(config.sources, config.modelsDir, new ModelCache(config.cacheDir, config, log), log);
    return 0;
  } catch (error) {
    log.error('the models could not be brought', { error });
    return 1;
  }
}
