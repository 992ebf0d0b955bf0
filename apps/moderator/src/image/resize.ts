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
  for (const [row, { low, high, fraction }] of samples(height, side).entries()) {
    const [above, below] = [low, high].map((y) => data.subarray(y * width * 3, (y + 1) * width * 3)) as [Uint8Array, Uint8Array];
    resizeRow(above, below, fraction, columns, result.subarray(row * side * 3, (row + 1) * side * 3));
  }
  return result;
}

/** Plain loops, in a function that is called for each row: V8 optimizes it for good, and a picture waits for it. */
function resizeRow(above: Uint8Array, below: Uint8Array, down: number, columns: readonly Sample[], result: Float32Array): void {
  let index = 0;
  for (let x = 0; x < columns.length; x++) {
    const { low, high, fraction: across } = columns[x] as Sample;
    const left = low * 3;
    const right = high * 3;
    for (let channel = 0; channel < 3; channel++) {
      const top = mix(above[left + channel] as number, above[right + channel] as number, across);
      const bottom = mix(below[left + channel] as number, below[right + channel] as number, across);
      result[index++] = mix(top, bottom, down) / 255;
    }
  }
}

/** Goes a fraction of the way from one value to another. */
function mix(from: number, to: number, fraction: number): number {
  return from + (to - from) * fraction;
}

/** The two source places around a place of the result, and how far it lies from the first to the second. */
interface Sample {
  readonly low: number;
  readonly high: number;
  readonly fraction: number;
}

/** Lists the samples of each place of the result. */
function samples(from: number, to: number): Sample[] {
  const step = to > 1 ? (from - 1) / (to - 1) : 0;
  return Array.from({ length: to }, (_, place) => {
    const position = step * place;
    const low = Math.floor(position);
    return { low, high: Math.min(from - 1, low + 1), fraction: position - low };
  });
}
