import {
  defineConfig,
  executionVariables,
  grpcVariables,
  integerSchema,
  modelListVariables,
  modelVariables,
  serviceVariables,
  switchSchema,
  variable,
} from '@darkroom/service-kit';

/** The VAE decoder's configuration. */
export class Config extends defineConfig({
  service: 'vae-decoder',
  summary: 'Turns latents into encoded images, and images into latents.',
  environment: process.env,
  variables: {
    ...serviceVariables,
    ...grpcVariables,
    ...modelVariables,
    ...executionVariables,
    ...modelListVariables,
    vaeMemoryLimitBytes: variable(
      'VAE_MEMORY_LIMIT_BYTES',
      integerSchema(32 * 2 ** 20, 2 ** 40).default(512 * 2 ** 20),
      "bytes that the VAE's activations may take; images that would take more are done in tiles",
    ),
    deterministic: variable(
      'DETERMINISTIC',
      switchSchema,
      'true gives each image a run of its own, without finding out first whether batches change bits',
    ),
  },
}) {}
