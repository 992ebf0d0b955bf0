import type { NoiseSchedule } from './scheduler.js';

/**
 * Brings data to a noise level: x = (1 - sigma) * data + sigma * noise, the forward process of rectified flow.
 *
 * Liu, Gong and Liu, arXiv 2209.03003; Lipman et al., arXiv 2210.02747; in diffusers `FlowMatchEulerDiscreteScheduler.scale_noise`.
 * At sigma 1 it is the noise and at sigma 0 the data, to the bit, as long as both are finite.
 *
 * @param data float32, any shape.
 * @param noise float32 of the same shape.
 * @param out float32 of the same shape, which may be one of the two; it is returned.
 */
export function addNoise(data: Float32Array, noise: Float32Array, sigma: number, out: Float32Array): Float32Array {
  for (let i = 0; i < out.length; i++) {
    out[i] = (1 - sigma) * (data[i] as number) + sigma * (noise[i] as number);
  }
  return out;
}

/**
 * Returns the end of a schedule that image to image goes through: the last steps * strength of its steps, rounded up.
 *
 * As diffusers' `StableDiffusion3Img2ImgPipeline.get_timesteps` cuts it, in its order of operations: from index
 * int(steps - min(steps * strength, steps)). Strength 1 is the whole schedule, and no strength leaves less than one step.
 *
 * @throws RangeError when the strength is not above 0 and at most 1.
 */
export function endOfSchedule({ sigmas, timesteps }: NoiseSchedule, strength: number): NoiseSchedule {
  if (!(strength > 0 && strength <= 1)) {
    throw new RangeError(`strength must be above 0 and at most 1, not ${strength}`);
  }
  const steps = timesteps.length;
  // The tiniest strengths vanish in the difference.
  const start = Math.min(Math.trunc(steps - steps * strength), steps - 1);
  return { sigmas: sigmas.subarray(start), timesteps: timesteps.subarray(start) };
}
