import type { RgbImage } from '@darkroom/onnx-pipeline';
import { describe, expect, it } from 'vitest';
import { diversity } from './diversity.js';
import { breakLines, drawLine } from './font.js';
import { drawGrid, encodePng, encodeWebp } from './grid.js';
import { progressText } from './progress.js';
import { fromPlanes, toPlanes } from './reconstruction.js';

const plain = (value: number, side = 64): RgbImage => ({
  width: side,
  height: side,
  rgb: new Uint8Array(side * side * 3).fill(value),
});

describe('diversity', () => {
  it('compares seeds of one caption, and captions of one seed', () => {
    const rows = [
      [plain(10), plain(20)],
      [plain(110), plain(130)],
    ];
    // Seeds: 10 and 20 apart. Captions: 100 and 110 apart.
    expect(diversity(rows)).toEqual({ captions: 2, seeds: 2, acrossSeeds: 15, acrossCaptions: 105 });
  });
});

describe('planes', () => {
  it('hold the same picture', () => {
    const rgb = Uint8Array.from({ length: 2 * 3 * 3 }, (_, i) => i * 14);
    const { shape, data } = toPlanes({ width: 2, height: 3, rgb });
    expect(shape).toEqual([1, 3, 3, 2]);
    expect(data[0]).toBe(-1);
    expect(fromPlanes(data)).toEqual(rgb);
  });

  it('clamp what lies outside', () => {
    expect(fromPlanes(new Float32Array([-1.5, 0.0, 1.5]))).toEqual(new Uint8Array([0, 128, 255]));
  });
});

describe('the grid', () => {
  it('has pictures at half their size with captions below, in two colours', async () => {
    const grid = drawGrid(
      [
        { picture: plain(100), caption: 'a cat', right: true },
        { picture: plain(200), caption: 'a dog', right: false },
      ],
      2,
    );
    expect(grid).toMatchObject({ width: 88, height: 78 });
    const at = (x: number, y: number) => [...grid.rgb.subarray((y * 88 + x) * 3, (y * 88 + x) * 3 + 3)];
    expect([at(8, 8), at(39, 39), at(48, 8), at(4, 4)]).toEqual([
      [100, 100, 100],
      [100, 100, 100],
      [200, 200, 200],
      [255, 255, 255],
    ]);
    const captions = grid.rgb.subarray(41 * 88 * 3);
    expect(new Set(captions)).toEqual(new Set([255, 40, 200, 30]));
    for (const encode of [encodePng, encodeWebp]) {
      expect(Buffer.compare(await encode(grid), await encode(grid))).toBe(0);
    }
  });

  it('breaks captions at spaces', () => {
    expect(breakLines('a red circle left of a blue square', 12)).toEqual(['a red circle', 'left of a', 'blue square']);
  });

  it('draws letters', () => {
    const rows = Array.from({ length: 7 }, () => [...'.....']);
    drawLine('t', (x, y) => {
      (rows[y] as string[])[x] = '#';
    });
    expect(rows.map((row) => row.join(''))).toEqual(['.#...', '.#...', '###..', '.#...', '.#...', '.#..#', '..##.']);
  });
});

describe('progressText', () => {
  it('tells the rate and the time left', () => {
    expect(progressText(10, 100, 15)).toBe('picture 10/100, 1.50 s each, ETA 2:15');
  });
});
