import sharp from 'sharp';
import type { BenchContext } from '../benchmark.js';
import { percentile } from '../engine/statistics.js';
import { atMost, type Figure, plain } from '../figures.js';
import { seededRandom } from '../random.js';
import type { ModeratorProcess } from './moderator-process.js';

const SIDES = [256, 1024] as const;

/** Draws a picture of coloured squares, another for each number, so that decoding it is real work. */
async function drawn(side: number, number: number): Promise<Buffer> {
  const random = seededRandom(number);
  const coarse = Buffer.from(Array.from({ length: 16 * 16 * 3 }, () => Math.floor(random() * 256)));
  return await sharp(coarse, { raw: { width: 16, height: 16, channels: 3 } })
    .resize(side, side)
    .png()
    .toBuffer();
}

/** Measures how long a verdict on a picture takes. */
export async function measurePictures(moderator: ModeratorProcess, context: BenchContext): Promise<Figure[]> {
  const figures: Figure[] = [];
  for (const side of SIDES) {
    const times: number[] = [];
    const usedBefore = moderator.processorMs;
    for (let number = 0; number < (context.quick ? 10 : 100); number++) {
      context.signal.throwIfAborted();
      const image = await drawn(side, number);
      const startedAt = performance.now();
      await moderator.client.moderateImage({ image, level: '', context: undefined, blur: false });
      times.push(performance.now() - startedAt);
    }
    const name = `verdict on a picture of ${side}x${side}, whole call`;
    figures.push(plain(`${name}, p50`, percentile(times, 0.5), 'ms'), atMost(`${name}, p95`, percentile(times, 0.95), 'ms', 300));
    figures.push(
      plain(
        `verdict on a picture of ${side}x${side}, processor time of the moderator, mean`,
        (moderator.processorMs - usedBefore) / times.length,
        'ms',
      ),
    );
  }
  return figures;
}
