import type { Family } from '../family.js';
import { openPocketBlockBoundaries } from './block-boundaries.js';
import { openPocketLatentFormat } from './latent-format.js';
import { openPocketPromptFormat } from './prompt-format.js';

/** What the text encoder gives and the transformer attends to. */
const conditioning = ['encoder_hidden_states', 'pooled_projections'];

/** The small model that ships with Darkroom: byte-level BPE, a resampled text encoder, a single-stream transformer, a 16x VAE. */
export const pocketFamily: Family = {
  className: 'PocketPipeline',
  textEncoder: { inputs: ['input_ids', 'attention_mask'], outputs: conditioning },
  transformer: { inputs: ['hidden_states', 'timestep', ...conditioning], outputs: ['out_sample'] },
  vaeEncoder: { inputs: ['sample'], outputs: ['latent_parameters'] },
  vaeDecoder: { inputs: ['latent_sample'], outputs: ['sample'] },
  // The decoder sees 8.4 positions far and the encoder 3.8, but little of it counts: with 3 positions thrown away at each edge, tiles
  // agree with the whole to about 90 dB (see docs/performance.md, as for the bytes).
  vaeTiling: { overlap: 8, ramp: 2, encoderBytesPerPixel: 64, decoderBytesPerPixel: 256 },
  openPromptFormat: openPocketPromptFormat,
  openLatentFormat: openPocketLatentFormat,
  openBlockBoundaries: openPocketBlockBoundaries,
  // Timesteps go in as the scheduler gives them: the transformer was trained on sigma * 1000.
  transformerInputs: ({ latents, timesteps, conditioning }) => ({
    hidden_states: latents,
    timestep: timesteps,
    ...conditioning,
  }),
  vaeDecoderInputs: (latents) => ({ latent_sample: latents }),
  vaeEncoderInputs: (images) => ({ sample: images }),
};
