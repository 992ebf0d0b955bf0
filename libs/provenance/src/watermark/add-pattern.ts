/**
 * Adds a grey pattern to a picture so strongly that a wanted peak signal-to-noise ratio is left; white and black cut some of it off.
 *
 * @param rgb uint8 [pixels, 3].
 * @param pattern float32 [pixels], of any strength.
 * @param psnr in dB.
 * @returns uint8 [pixels, 3].
 */
export function addPattern(rgb: Uint8Array, pattern: Float32Array, psnr: number): Uint8Array {
  const wanted = 255 ** 2 / 10 ** (psnr / 10);
  let scale = 1;
  // What is cut off depends on the strength, a little: two rounds are within a hundredth of a decibel.
  for (let round = 0; round < 3; round++) {
    const error = meanSquaredError(rgb, pattern, scale);
    if (error === 0) break;
    scale *= Math.sqrt(wanted / error);
  }
  const result = new Uint8ClampedArray(rgb.length);
  for (let i = 0, at = 0; i < pattern.length; i++) {
    const change = scale * (pattern[i] as number);
    for (const end = at + 3; at < end; at++) result[at] = (rgb[at] as number) + change;
  }
  return new Uint8Array(result.buffer);
}

/** About how many pixels tell the error of all; they stand an odd number apart, so that no columns are left out. */
const sampledPixels = 32_768;

function meanSquaredError(rgb: Uint8Array, pattern: Float32Array, scale: number): number {
  const stride = Math.floor(pattern.length / sampledPixels) | 1;
  let [sum, count] = [0, 0];
  for (let i = 0; i < pattern.length; i += stride) {
    const change = scale * (pattern[i] as number);
    sum += squaredError(rgb[3 * i] as number, change);
    sum += squaredError(rgb[3 * i + 1] as number, change);
    sum += squaredError(rgb[3 * i + 2] as number, change);
    count += 3;
  }
  return sum / count;
}

function squaredError(before: number, change: number): number {
  const after = before + change;
  const error = (after < 0 ? 0 : after > 255 ? 255 : after) - before;
  return error * error;
}
