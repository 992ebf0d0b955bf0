import {
  addressSchema,
  blobVariables,
  defineConfig,
  integerSchema,
  modelVariables,
  redisVariables,
  serviceVariables,
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
    model: variable('MODEL', z.string(), "the one model whose queue this process works off, a folder's name in MODELS_DIR"),
    concurrency: variable(
      'CONCURRENCY',
      integerSchema(1, 256).default(4),
      'generations taken off the queue at a time; the engine batches their steps',
    ),
    checkpointEvery: variable(
      'CHECKPOINT_EVERY',
      integerSchema(0, 1000).default(5),
      'least steps between checkpoints, which a lost worker costs at most; more where checkpoints would take over 1 % of the time; 0 for none',
    ),
    promptEncoderAddress: variable('PROMPT_ENCODER_ADDRESS', addressSchema, 'where the prompt encoder listens'),
    vaeDecoderAddress: variable('VAE_DECODER_ADDRESS', addressSchema, 'where the VAE decoder listens'),
    moderatorAddress: variable('MODERATOR_ADDRESS', addressSchema, 'where the moderator listens'),
    controlPlaneAddress: variable('CONTROL_PLANE_ADDRESS', addressSchema, 'where the control plane listens'),
  },
}) {}
