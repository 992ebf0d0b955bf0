import { describe, expect, it } from 'vitest';
import { blendTiles } from './blend-tiles.js';
import { planAxis } from './tile-plan.js';

const overlap = { overlap: 4, ramp: 2 };

/** Blends tiles of a picture that is known everywhere, float32 [channels, height * scale, width * scale]. */
async function blend(
  {
    height,
    width,
    longest,
    scale,
    channels = 1,
  }: Record<'height' | 'width' | 'longest' | 'scale', number> & { channels?: number },
  picture: (y: number, x: number, channel: number, tile: { top: number; left: number }) => number,
) {
  const grid = { rows: planAxis(height, longest, overlap), columns: planAxis(width, longest, overlap) };
  const output = new Float32Array(channels * height * width * scale * scale).fill(Number.NaN);
  const tops: number[] = [];
  await blendTiles(
    grid,
    { channels, scale },
    async (top, left) => {
      const [h, w] = [grid.rows.tile * scale, grid.columns.tile * scale];
      return Float32Array.from({ length: channels * h * w }, (_, i) => {
        const [channel, y, x] = [Math.floor(i / (h * w)), Math.floor(i / w) % h, i % w];
        return picture(top * scale + y, left * scale + x, channel, { top, left });
      });
    },
    ({ planes, planeLength, top, count }) => {
      tops.push(top, top + count);
      const row = width * scale;
      for (let channel = 0; channel < channels; channel++) {
        const rows = planes.subarray(channel * planeLength, channel * planeLength + count * row);
        output.set(rows, channel * height * scale * row + top * row);
      }
    },
  );
  return { output, tops, at: (y: number, x: number) => output[y * width * scale + x] as number };
}

describe('blendTiles', () => {
  it('keeps a constant image constant, whatever its size', async () => {
    for (let height = 1; height <= 40; height += 3) {
      for (let width = 1; width <= 40; width += 3) {
        const { output } = await blend({ height, width, longest: 9, scale: 2 }, () => 0.375);
        expect(output.every((value) => Math.abs(value - 0.375) < 1e-6)).toBe(true);
      }
    }
  });

  it('keeps a linear ramp linear, in every channel', async () => {
    const height = 29;
    const width = 41;
    const { output } = await blend(
      { height, width, longest: 12, scale: 3, channels: 2 },
      (y, x, channel) => 2 * y - x + 1000 * channel,
    );
    const row = width * 3;
    const plane = height * 3 * row;
    const wrong = output.filter((value, i) => {
      const [channel, y, x] = [Math.floor(i / plane), Math.floor((i % plane) / row), i % row];
      return Math.abs(value - (2 * y - x + 1000 * channel)) > 1e-3;
    });
    expect(wrong).toHaveLength(0);
  });

  it('gives every row once, from top to bottom', async () => {
    const { tops } = await blend({ height: 30, width: 8, longest: 10, scale: 2 }, () => 0);
    expect(tops[0]).toBe(0);
    expect(tops.at(-1)).toBe(60);
    for (let i = 1; i + 1 < tops.length; i += 2) {
      expect(tops[i]).toBe(tops[i + 1]);
    }
  });

  it('goes from one tile to the next linearly', async () => {
    // Tiles of 8 at 0 and 4 on an axis of 12; the ramp runs from position 5 to 7.
    const { at } = await blend({ height: 8, width: 12, longest: 8, scale: 1 }, (_y, _x, _channel, { left }) => left / 4);
    expect(Array.from({ length: 12 }, (_, x) => at(3, x))).toEqual([0, 0, 0, 0, 0, 0.25, 0.75, 1, 1, 1, 1, 1]);
  });
});
