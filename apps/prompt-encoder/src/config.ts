import {
  defineConfig,
  executionVariables,
  grpcVariables,
  integerSchema,
  modelListVariables,
  modelVariables,
  redisUrlSchema,
  serviceVariables,
  variable,
} from '@darkroom/service-kit';

/** The prompt encoder's configuration. */
export class Config extends defineConfig({
  service: 'prompt-encoder',
  summary: 'Turns prompts into the conditioning tensors that a transformer attends to.',
  environment: process.env,
  variables: {
    ...serviceVariables,
    ...grpcVariables,
    ...modelVariables,
    ...executionVariables,
    ...modelListVariables,
    cacheBytes: variable(
      'CONDITIONING_CACHE_BYTES',
      integerSchema(0, 2 ** 36).default(64 * 2 ** 20),
      'memory for conditioning of earlier prompts; 0 keeps none',
    ),
    redisUrl: variable(
      'REDIS_URL',
      redisUrlSchema.optional(),
      'the Redis through which prompt encoders share conditioning; unset shares none',
      { secret: true },
    ),
    sharedCacheBytes: variable(
      'SHARED_CONDITIONING_CACHE_BYTES',
      integerSchema(0, 2 ** 36).default(64 * 2 ** 20),
      'the most that shared conditioning may take of that Redis; 0 shares none',
    ),
    // Running the text encoder takes a few milliseconds, so waiting much longer for Redis is never worth it.
    sharedCachePatienceMs: variable(
      'SHARED_CONDITIONING_PATIENCE_MS',
      integerSchema(1, 10_000).default(50),
      'milliseconds to wait for that Redis before the prompt is encoded anyway',
    ),
  },
}) {}
