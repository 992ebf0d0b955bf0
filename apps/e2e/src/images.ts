import sharp from 'sharp';

/** Pixels of a decoded image: RGB, row by row. */
export interface Pixels {
  readonly format: string;
  readonly width: number;
  readonly height: number;
  readonly data: Buffer;
}

/** Decodes an encoded image, whatever its format. */
export async function decodeImage(bytes: Buffer): Promise<Pixels> {
  const { format } = await sharp(bytes).metadata();
  const { data, info } = await sharp(bytes).removeAlpha().toColourspace('srgb').raw().toBuffer({ resolveWithObject: true });
  return { format, width: info.width, height: info.height, data };
}

/** Standard deviation of all channel values; near 0 for an image that shows nothing. */
export function contrast({ data }: Pixels): number {
  const mean = data.reduce((sum, value) => sum + value, 0) / data.length;
  return Math.sqrt(data.reduce((sum, value) => sum + (value - mean) ** 2, 0) / data.length);
}

/** Mean absolute difference between the channel values of two images of one size. */
export function difference(a: Pixels, b: Pixels): number {
  return a.data.reduce((sum, value, index) => sum + Math.abs(value - (b.data[index] ?? 0)), 0) / a.data.length;
}

/** Mean red, green and blue of the border, where a background shows. */
export function borderColour({ width, height, data }: Pixels): [number, number, number] {
  const sum: [number, number, number] = [0, 0, 0];
  let count = 0;
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      if (x > 2 && y > 2 && x < width - 3 && y < height - 3) continue;
      for (const channel of [0, 1, 2] as const) sum[channel] += data[(y * width + x) * 3 + channel] ?? 0;
      count += 1;
    }
  }
  return [sum[0] / count, sum[1] / count, sum[2] / count];
}
