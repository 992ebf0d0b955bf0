import { describe, expect, it } from 'vitest';
import { layKept } from './kept-picture.js';

const [width, height] = [40, 30];
const filled = (value: number) => ({ width, height, rgb: new Uint8Array(width * height * 3).fill(value) });

/** What of a black image shows through a white picture, at each pixel, when some pixels are drawn anew. */
function edited(isRedrawn: (x: number, y: number) => boolean): (x: number, y: number) => number {
  const redrawn = Uint8Array.from({ length: width * height }, (_, i) => (isRedrawn(i % width, Math.floor(i / width)) ? 1 : 0));
  const { rgb } = layKept(filled(0), filled(255), { width, height, redrawn });
  return (x, y) => {
    const [red, green, blue] = rgb.subarray(3 * (y * width + x));
    expect([green, blue]).toEqual([red, red]);
    return red as number;
  };
}

describe('layKept', () => {
  it('keeps the picture where nothing is drawn anew, and the image where all is', () => {
    const [kept, redrawn] = [edited(() => false), edited(() => true)];
    for (let x = 0; x < width; x++) expect([kept(x, x % height), redrawn(x, x % height)]).toEqual([255, 0]);
  });

  it('fades in the picture over the eight pixels beside a straight edge, in even steps', () => {
    const at = edited((x) => x < 12);
    // The mask grown by 4 ends at 15: of the nine columns around column x, 20 - x lie in it.
    const expected = Array.from({ length: width }, (_, x) => 255 - Math.round((255 * Math.min(9, Math.max(0, 20 - x))) / 9));
    for (const y of [0, 3, 15, height - 1]) {
      for (let x = 0; x < width; x++) expect(Math.abs(at(x, y) - (expected[x] as number))).toBeLessThanOrEqual(1);
    }
    expect([at(11, 5), at(19, 5) < 255, at(20, 5)]).toEqual([0, true, 255]);
  });

  it('shows a single pixel that is drawn anew whole, also in a corner', () => {
    for (const [x, y] of [
      [20, 15],
      [0, 0],
      [39, 29],
    ] as const) {
      const at = edited((column, row) => column === x && row === y);
      expect(at(x, y)).toBe(0);
      expect(at(Math.abs(x - 9), y)).toBe(255);
      expect(at(x, Math.abs(y - 9))).toBe(255);
    }
  });
});
