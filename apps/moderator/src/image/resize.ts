/** A picture as rows of RGB bytes. */
export interface RgbPicture {
  readonly data: Uint8Array;
  readonly width: number;
  readonly height: number;
}

/**
 * Resizes a picture to a square and scales its values to [0, 1].
 *
 * Bilinear with corners aligned, as TensorFlow.js' `resizeBilinear(…, alignCorners = true)` does it, since that is how nsfwjs prepares
 * pictures: the classifier then sees what the original would.
 *
 * @returns float32 [side, side, 3].
 */
export function resizeForClassifier({ data, width, height }: RgbPicture, side: number): Float32Array<ArrayBuffer> {
  const result = new Float32Array(side * side * 3);
  const columns = samples(width, side);
  let index = 0;
  // Plain loops over offsets: with a closure per value this took three times as long, and a picture waits for it.
  for (const { low: top, high: bottom, fraction: down } of samples(height, side)) {
    for (const { low: left, high: right, fraction: across } of columns) {
      const topLeft = (top * width + left) * 3;
      const topRight = (top * width + right) * 3;
      const bottomLeft = (bottom * width + left) * 3;
      const bottomRight = (bottom * width + right) * 3;
      for (let channel = 0; channel < 3; channel++) {
        const above = mix(data[topLeft + channel] as number, data[topRight + channel] as number, across);
        const below = mix(data[bottomLeft + channel] as number, data[bottomRight + channel] as number, across);
        result[index++] = mix(above, below, down) / 255;
      }
    }
  }
  return result;
}

/** Goes a fraction of the way from one value to another. */
function mix(from: number, to: number, fraction: number): number {
  return from + (to - from) * fraction;
}

/** For each place of the result: the two source places around it, and how far it lies from the first to the second. */
function samples(from: number, to: number): { low: number; high: number; fraction: number }[] {
  const step = to > 1 ? (from - 1) / (to - 1) : 0;
  return Array.from({ length: to }, (_, place) => {
    const position = step * place;
    const low = Math.floor(position);
    return { low, high: Math.min(from - 1, low + 1), fraction: position - low };
  });
}
