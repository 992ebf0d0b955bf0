import {
  defineConfig,
  grpcVariables,
  integerSchema,
  modelListVariables,
  modelVariables,
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
    ...modelListVariables,
    cacheBytes: variable(
      'CONDITIONING_CACHE_BYTES',
      integerSchema(0, 2 ** 36).default(64 * 2 ** 20),
      'memory for conditioning of earlier prompts; 0 keeps none',
    ),
  },
}) {}
