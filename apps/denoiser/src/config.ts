import {
  addressSchema,
  blobVariables,
  bytesSchema,
  defineConfig,
  executionVariables,
  integerSchema,
  modelVariables,
  redisVariables,
  serviceVariables,
  sizesSchema,
  switchSchema,
  variable,
} from '@darkroom/service-kit';
import { z } from 'zod';

/** The denoiser's configuration. */
export class Config extends defineConfig({
  service: 'denoiser',
  summary: "Takes generations off one model's queue and conducts them from prompt to stored image.",
  environment: process.env,
  variables: {
    ...serviceVariables,
    ...redisVariables,
    ...blobVariables,
    ...modelVariables,
    ...executionVariables,
    model: variable('MODEL', z.string(), "the one model whose queue this process works off, a folder's name in MODELS_DIR"),
    concurrency: variable(
      'CONCURRENCY',
      integerSchema(1, 256).default(16),
      'generations taken off the queue at a time; the engine batches their steps',
    ),
    checkpointEvery: variable(
      'CHECKPOINT_EVERY',
      integerSchema(0, 1000).default(5),
      'least steps between checkpoints, which a lost worker costs at most; more where checkpoints would take over 1 % of the time; 0 for none',
    ),
    warmUpSizes: variable(
      'WARM_UP_SIZES',
      sizesSchema,
      'sizes whose passes are measured at start besides the smallest, for instance 256x256,512x512; each takes up to two seconds',
    ),
    batchMemoryLimitBytes: variable(
      'BATCH_MEMORY_LIMIT_BYTES',
      bytesSchema.optional(),
      "memory that a pass's activations may take, as measured; batches are smaller than would take more; for cpu",
    ),
    batchRows: variable(
      'BATCH_ROWS',
      integerSchema(1, 1024).optional(),
      'most rows in a pass; unset means as many as give the best throughput, as measured',
    ),
    deterministic: variable(
      'DETERMINISTIC',
      switchSchema,
      'true makes one generation a pass, without finding out first whether batches change bits',
    ),
    promptEncoderAddress: variable('PROMPT_ENCODER_ADDRESS', addressSchema, 'where the prompt encoder listens'),
    vaeDecoderAddress: variable('VAE_DECODER_ADDRESS', addressSchema, 'where the VAE decoder listens'),
    moderatorAddress: variable('MODERATOR_ADDRESS', addressSchema, 'where the moderator listens'),
    controlPlaneAddress: variable('CONTROL_PLANE_ADDRESS', addressSchema, 'where the control plane listens'),
  },
}) {}
