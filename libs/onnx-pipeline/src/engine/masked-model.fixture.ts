/** A model whose text may have any length: a tiny real graph that attends to it under a mask, for specs of padding. */
import { fileURLToPath } from 'node:url';
import { createScheduler } from '@darkroom/flow-matching';
import { gaussianNoise, type NamedTensors, type Tensor } from '@darkroom/tensor';
import type { ConditioningPadding, TransformerStep } from '../families/family.js';
import { Session } from '../session/session.js';
import type { DenoiseRequest } from './denoise-request.js';
import type { EngineModel } from './engine-model.js';

/** What a family of such models declares. */
export const maskedPadding: ConditioningPadding = {
  sequences: ['encoder_hidden_states'],
  mask: 'encoder_attention_mask',
  maskType: 'int64',
  granularity: 8,
};

/** Loads the graph; `golden/masked_transformer.py` writes it, and golden values beside it. */
export function loadMaskedGraph(): Promise<Session> {
  const path = fileURLToPath(new URL('../../golden/masked-transformer.onnx', import.meta.url));
  return Session.load(path, { threads: 1 });
}

/** The model around the graph: 8 pixels per latent position and token, four channels. */
export function maskedModel(session: Session, padding: ConditioningPadding = maskedPadding): EngineModel {
  const { encoder_hidden_states: text = [] } = session.inputShapes;
  return {
    digest: 'sha256:masked',
    latentFormat: {
      sizes: { granularity: 8, minSide: 16, maxSide: 64, maxPixels: 64 * 64 },
      shape: (width, height) => [1, 4, height / 8, width / 8],
      tokens: (width, height) => (width * height) / 64,
    },
    conditioningShapes: { encoder_hidden_states: text },
    conditioningPadding: padding,
    transformer: async (step) => {
      const { outputs, kernelMs } = await session.run(maskedInputs(step));
      return { velocities: outputs.out_sample as Tensor, kernelMs };
    },
    scheduler: (overrides) => createScheduler({ _class_name: 'FlowMatchEulerDiscreteScheduler', shift: 2.5 }, overrides),
  };
}

/** Names the graph's inputs. */
export function maskedInputs({ latents, timesteps, conditioning }: TransformerStep): NamedTensors {
  return { hidden_states: latents, timestep: timesteps, ...conditioning };
}

/** Conditioning of so many tokens. */
export const text = (tokens: number, seed = tokens): NamedTensors => ({
  encoder_hidden_states: gaussianNoise(seed, [1, tokens, 8]),
});

/** A guided request of five steps, with three tokens for the prompt and one for the negative prompt. */
export const maskedRequest = (overrides: Partial<DenoiseRequest> = {}): DenoiseRequest => ({
  seed: 7,
  steps: 5,
  guidanceScale: 4,
  width: 16,
  height: 24,
  conditioning: text(3),
  negativeConditioning: text(1),
  ...overrides,
});
