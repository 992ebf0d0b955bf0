/**
 * Pushes a prediction away from what an empty or negative prompt would give.
 *
 * Ho and Salimans, "Classifier-Free Diffusion Guidance", arXiv 2207.12598, in diffusers' convention: negative + scale *
 * (positive - negative), so that a scale of 1 is the positive prediction itself and larger scales follow the prompt harder.
 *
 * @param negative float32, any shape: the prediction for the empty or negative prompt.
 * @param positive float32 of the same shape: the prediction for the prompt.
 * @param out float32 of the same shape, written; may be either input.
 */
export function classifierFreeGuidance(negative: Float32Array, positive: Float32Array, scale: number, out: Float32Array): void {
  for (let i = 0; i < out.length; i++) {
    const base = negative[i] as number;
    out[i] = base + scale * ((positive[i] as number) - base);
  }
}

/** Tells whether a guidance scale needs the second pass: at 1 or less it is left out, as in diffusers' pipelines. */
export function needsGuidance(scale: number): boolean {
  return scale > 1;
}
