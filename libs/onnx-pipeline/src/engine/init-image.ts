import type { Shape, Tensor } from '@darkroom/tensor';
import type { TrajectoryOptions } from '../denoising/trajectory.js';
import { PipelineError } from '../pipeline-error.js';
import { type InitFacts, tensorsDigest } from './checkpoint.js';

/** What of a request says which picture it starts from, and how. */
export interface InitImage extends Pick<TrajectoryOptions, 'initLatents' | 'mask'> {
  /** Share of the steps that a picture to start from goes through, the last ones, above 0 up to 1; 1 unless given. */
  readonly strength?: number | undefined;
}

/**
 * Makes sure that a picture to start from, its mask and the strength can be used.
 *
 * @param shape of the request's latents, [1, channels, height, width].
 * @throws PipelineError `invalid_argument` for "init_latents", "mask" or "strength".
 */
export function checkInitImage({ initLatents, mask, strength = 1 }: InitImage, shape: Shape): void {
  if (!(strength > 0 && strength <= 1)) {
    throw PipelineError.invalidArgument('strength', `strength must be above 0 and at most 1, not ${strength}`);
  }
  if (initLatents === undefined) {
    if (mask !== undefined) throw PipelineError.invalidArgument('mask', 'a mask needs a picture to start from');
    if (strength < 1) throw PipelineError.invalidArgument('strength', 'strength below 1 needs a picture to start from');
    return;
  }
  checkTensor('init_latents', initLatents, shape);
  if (!initLatents.data.every(Number.isFinite)) {
    throw PipelineError.invalidArgument('init_latents', 'init_latents must be finite numbers');
  }
  if (mask === undefined) return;
  checkTensor('mask', mask, [1, 1, ...shape.slice(2)]);
  if (!mask.data.every((value) => value >= 0 && value <= 1)) {
    throw PipelineError.invalidArgument('mask', 'a mask has numbers from 0, which is kept, to 1, which is drawn anew');
  }
}

/** What of a picture to start from decides the image; undefined where there is none. */
export function initFacts({ initLatents, mask, strength = 1 }: InitImage): InitFacts | undefined {
  return initLatents && { strength, tensors: tensorsDigest({ initLatents, ...(mask && { mask }) }) };
}

function checkTensor(param: string, { dataType, shape }: Tensor, expected: Shape): void {
  if (dataType !== 'float32' || shape.join('x') !== expected.join('x')) {
    const message = `${param} must be float32 [${expected.join(', ')}], not ${dataType} [${shape.join(', ')}]`;
    throw PipelineError.invalidArgument(param, message);
  }
}
