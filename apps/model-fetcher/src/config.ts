import { blobVariables, defineConfig, serviceVariables, variable } from '@darkroom/service-kit';
import { z } from 'zod';
import { modelSources } from './model-source.js';

/** The model fetcher's configuration; the only reader of its environment. */
export class Config extends defineConfig({
  service: 'model-fetcher',
  summary: 'Brings models to where services read them, checks every byte, and ends.',
  environment: process.env,
  variables: {
    logLevel: serviceVariables.logLevel,
    s3Endpoint: blobVariables.s3Endpoint,
    s3Region: blobVariables.s3Region,
    s3AccessKeyId: blobVariables.s3AccessKeyId,
    s3SecretAccessKey: blobVariables.s3SecretAccessKey,
    sources: variable(
      'MODEL_SOURCES',
      modelSources,
      'the models, as JSON: [{"name": "pocket", "from": "s3://bucket/pocket", "digest": "sha256:…"}, …]; from is a folder: s3, http, https or ' +
        'file; digest is that of its digests.json; "in_place": true uses a file folder where it is',
    ),
    modelsDir: variable('MODELS_DIR', z.string(), 'folder in which each model gets a link by its name'),
    cacheDir: variable('MODEL_CACHE_DIR', z.string(), 'folder that keeps models by their digests; many may share it'),
  },
}) {}
