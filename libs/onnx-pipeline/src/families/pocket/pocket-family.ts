import type { Family } from '../family.js';
import { openPocketLatentFormat } from './latent-format.js';
import { openPocketPromptFormat } from './prompt-format.js';

/** What the text encoder gives and the transformer attends to. */
const conditioning = ['encoder_hidden_states', 'pooled_projections'];

/** The small model that ships with Darkroom: byte-level BPE, a resampled text encoder, a single-stream transformer, a 16x VAE. */
export const pocketFamily: Family = {
  className: 'PocketPipeline',
  textEncoder: { inputs: ['input_ids', 'attention_mask'], outputs: conditioning },
  transformer: { inputs: ['hidden_states', 'timestep', ...conditioning], outputs: ['out_sample'] },
  vaeDecoder: { inputs: ['latent_sample'], outputs: ['sample'] },
  openPromptFormat: openPocketPromptFormat,
  openLatentFormat: openPocketLatentFormat,
  // Timesteps go in as the scheduler gives them: the transformer was trained on sigma * 1000.
  transformerInputs: ({ latents, timesteps, conditioning }) => ({
    hidden_states: latents,
    timestep: timesteps,
    ...conditioning,
  }),
  vaeDecoderInputs: (latents) => ({ latent_sample: latents }),
};
