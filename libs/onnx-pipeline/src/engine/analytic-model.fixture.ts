/** A model whose transformer is a formula, so that the engine's own specs are quick and exact. */
import { createScheduler } from '@darkroom/flow-matching';
import { type NamedTensors, tensor } from '@darkroom/tensor';
import type { SplitTransformer } from '../denoising/caching-transformer.js';
import type { Transformer } from '../denoising/step-batch.js';
import type { TransformerStep } from '../families/family.js';
import type { DenoiseRequest } from './denoise-request.js';
import type { EngineModel } from './engine-model.js';

/** Conditioning whose one number says which way the transformer pulls. */
export const pull = (strength: number): NamedTensors => ({ pull: tensor('float32', [1, 1], Float32Array.of(strength)) });

/** Velocity 0.3 x + pull * timestep / 1000, each row from its own inputs alone; takes a turn of the event loop, as a session does, and a millisecond. */
export const analytic: Transformer = async ({ latents, timesteps, conditioning }) => {
  await new Promise(setImmediate);
  const size = latents.data.length / timesteps.data.length;
  const velocities = latents.data.map((x, i) => {
    const row = Math.floor(i / size);
    return 0.3 * x + (Number(conditioning.pull?.data[row]) * (timesteps.data[row] as number)) / 1000;
  });
  return { velocities: tensor('float32', latents.shape, velocities), kernelMs: 1 };
};

/**
 * Another transformer, in parts. Before the blocks there is 0.3 x; the first adds pull * timestep / 1000, the others half of what they get;
 * and the head takes what comes out for the velocity.
 */
export const analyticSplit: SplitTransformer = {
  firstBlock: async ({ latents, timesteps, conditioning }) => {
    await new Promise(setImmediate);
    const rows = timesteps.data.length;
    const size = latents.data.length / rows;
    const shape = [rows, 1, size];
    const before = tensor(
      'float32',
      shape,
      latents.data.map((x) => 0.3 * x),
    );
    const after = before.data.map((value, i) => {
      const row = Math.floor(i / size);
      return value + (Number(conditioning.pull?.data[row]) * (timesteps.data[row] as number)) / 1000;
    });
    return { before, after: tensor('float32', shape, after), kernelMs: 1 };
  },
  remainingBlocks: async (_, { shape, data }) => ({
    hidden: tensor(
      'float32',
      shape,
      data.map((value) => 1.5 * value),
    ),
    kernelMs: 10,
  }),
  head: async ({ latents: { shape } }, { data }) => ({ velocities: tensor('float32', shape, data), kernelMs: 0.5 }),
};

/** The model around a transformer: 8 pixels per latent position, two channels. */
export function analyticModel(transformer: Transformer = analytic, splitTransformer?: SplitTransformer): EngineModel {
  const config = { _class_name: 'FlowMatchEulerDiscreteScheduler', shift: 2.5 };
  return {
    digest: 'sha256:analytic',
    latentFormat: {
      sizes: { granularity: 8, minSide: 16, maxSide: 64, maxPixels: 64 * 64 },
      shape: (width, height) => [1, 2, height / 8, width / 8],
      tokens: (width, height) => (width * height) / 64,
    },
    conditioningShapes: { pull: ['batch', 1] },
    transformer,
    splitTransformer,
    scheduler: (overrides) => createScheduler(config, overrides),
  };
}

/** A transformer that lets a spec see each pass, and hold it back or fail it, before the formula answers. */
export function watched(before: (step: TransformerStep) => Promise<void> | void): Transformer {
  return async (step) => {
    await before(step);
    return await analytic(step);
  };
}

/** A guided request of five steps. */
export const requestOf = (overrides: Partial<DenoiseRequest> = {}): DenoiseRequest => ({
  seed: 7,
  steps: 5,
  guidanceScale: 4,
  width: 16,
  height: 24,
  conditioning: pull(1),
  negativeConditioning: pull(-0.5),
  ...overrides,
});
