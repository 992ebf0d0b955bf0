/**
 * The picture as a watermark sees it: its luma at one canonical size, so that a picture and its resized copies look the same.
 */

/** Side of the canonical picture, in pixels; a picture of any size and aspect is brought to this square. */
export const canonicalSide = 256;

/** Pixels of one picture. */
export interface RgbPixels {
  /** uint8 [height, width, 3], row by row. */
  readonly rgb: Uint8Array;
  readonly width: number;
  readonly height: number;
}

/**
 * Returns a picture's luma (ITU-R BT.601, as JPEG uses it) at the canonical size.
 *
 * @returns float32 [256, 256], 0 to 255.
 */
export function canonicalLuma({ rgb, width, height }: RgbPixels): Float32Array {
  const luma = new Float32Array(width * height);
  for (let i = 0, at = 0; i < luma.length; i++, at += 3) {
    luma[i] = 0.299 * (rgb[at] as number) + 0.587 * (rgb[at + 1] as number) + 0.114 * (rgb[at + 2] as number);
  }
  return resample(luma, { width, height }, { width: canonicalSide, height: canonicalSide });
}

interface Size {
  readonly width: number;
  readonly height: number;
}

/**
 * Brings one channel to another size with a triangle filter: linear between pixels when it grows, averaging when it shrinks.
 *
 * @param channel float32 [from.height, from.width].
 * @returns float32 [to.height, to.width]; the channel itself when the size is the same.
 */
export function resample(channel: Float32Array, from: Size, to: Size): Float32Array {
  if (from.width === to.width && from.height === to.height) return channel;
  const columns = triangleTaps(from.width, to.width);
  const narrow = new Float32Array(to.width * from.height);
  for (let y = 0; y < from.height; y++) {
    for (let x = 0; x < to.width; x++) {
      let sum = 0;
      for (let tap = columns.starts[x] as number; tap < (columns.starts[x + 1] as number); tap++) {
        sum += (columns.weights[tap] as number) * (channel[y * from.width + (columns.sources[tap] as number)] as number);
      }
      narrow[y * to.width + x] = sum;
    }
  }
  const rows = triangleTaps(from.height, to.height);
  const result = new Float32Array(to.width * to.height);
  for (let y = 0; y < to.height; y++) {
    for (let tap = rows.starts[y] as number; tap < (rows.starts[y + 1] as number); tap++) {
      const weight = rows.weights[tap] as number;
      const source = (rows.sources[tap] as number) * to.width;
      for (let x = 0, at = y * to.width; x < to.width; x++, at++) {
        result[at] = (result[at] as number) + weight * (narrow[source + x] as number);
      }
    }
  }
  return result;
}

/** Which samples of an axis each new sample is made of: those from starts[i] to before starts[i + 1]. */
interface Taps {
  readonly starts: Int32Array;
  readonly sources: Int32Array;
  readonly weights: Float32Array;
}

function triangleTaps(from: number, to: number): Taps {
  const starts = new Int32Array(to + 1);
  const sources: number[] = [];
  const weights: number[] = [];
  const radius = Math.max(1, from / to);
  for (let i = 0; i < to; i++) {
    const centre = ((i + 0.5) * from) / to - 0.5;
    const first = sources.length;
    let sum = 0;
    for (let at = Math.ceil(centre - radius); at <= Math.floor(centre + radius); at++) {
      const weight = 1 - Math.abs(at - centre) / radius;
      if (weight <= 0) continue;
      sources.push(Math.min(from - 1, Math.max(0, at)));
      weights.push(weight);
      sum += weight;
    }
    for (let tap = first; tap < weights.length; tap++) weights[tap] = (weights[tap] as number) / sum;
    starts[i + 1] = sources.length;
  }
  return { starts, sources: Int32Array.from(sources), weights: Float32Array.from(weights) };
}
