/** What the price of a generation depends on. */
export interface Work {
  readonly width: number;
  readonly height: number;
  readonly steps: number;
  readonly guidanceScale: number;
  readonly imageCount: number;
}

/** Counts the transformer's passes per step: two with classifier-free guidance, one at a scale of 1 or less. */
export function guidancePasses(guidanceScale: number): number {
  return guidanceScale > 1 ? 2 : 1;
}

/**
 * Counts the steps that each image makes: of an edit, the last steps * strength, rounded up, as the engine's `endOfSchedule` cuts them.
 *
 * @param strength above 0 up to 1; 0 where no picture is edited.
 */
export function stepsMade({ steps, strength }: { readonly steps: number; readonly strength: number }): number {
  return strength === 0 ? steps : Math.max(1, steps - Math.trunc(steps - steps * strength));
}

/** Prices work in compute units: pixels × steps × guidance passes, over all images. */
export function computeUnits({ width, height, steps, guidanceScale, imageCount }: Work): number {
  return width * height * steps * guidancePasses(guidanceScale) * imageCount;
}

/** Returns the seed that one image of a generation is drawn from: the generation's seed plus its index, modulo 2^32. */
export function imageSeed(seed: number, index: number): number {
  return (seed + index) % 2 ** 32;
}
