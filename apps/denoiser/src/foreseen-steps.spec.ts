import type { TimedWork } from '@darkroom/contracts';
import { describe, expect, it } from 'vitest';
import { foreseeSteps } from './foreseen-steps.js';

// At 64x64 passes of 2 rows take 4 ms and of 4 rows 6, which is best; at 128x128 a pass of 2 rows is best and takes 20.
const passTimes = [
  { pixels: 4_096, rows: 2, ms: 4 },
  { pixels: 4_096, rows: 4, ms: 6 },
  { pixels: 16_384, rows: 2, ms: 20 },
  { pixels: 16_384, rows: 4, ms: 40 },
];
const running = (side: number, left: number, { rows = 2, tenantId = 'a' } = {}) => {
  const work: TimedWork = {
    width: side,
    height: side,
    steps: left,
    guidanceScale: 4,
    imageCount: rows / 2,
    solver: '',
    strength: 0,
  };
  return { work, tenantId, rows, left };
};
const foresee = (...all: ReturnType<typeof running>[]) => foreseeSteps(all, passTimes);

describe('the foreseen end of the steps', () => {
  it('of one that is alone is its own', () => {
    expect(foresee(running(64, 10))).toEqual([40]);
    expect(foresee(running(64, 10, { rows: 8 }))).toEqual([10 * 12]);
    expect(foresee()).toEqual([]);
    expect(foresee(running(64, 0))).toEqual([0]);
  });

  it('of two of a size that share passes is that of shared ones, until the shorter is done', () => {
    expect(foresee(running(64, 10), running(64, 4))).toEqual([4 * 6 + 6 * 4, 4 * 6]);
  });

  it('of another size comes after the one that was first', () => {
    expect(foresee(running(128, 5), running(64, 10))).toEqual([100, 100 + 40]);
  });

  it('of one that does not fit into the batch comes after those that do, and joins as soon as there is room', () => {
    expect(foresee(running(64, 3), running(64, 5), running(64, 2))).toEqual([18, 18 + 2 * 6, 18 + 2 * 6]);
  });

  it('of two tenants is by turns of a second: the shorter one does not wait for all of the longer', () => {
    const [long = 0, short = 0] = foresee(running(128, 500), running(64, 10, { tenantId: 'b' }));
    expect(long).toBe(500 * 20 + 40);
    expect(short).toBe(1_000 + 40);
  });

  it('is by compute units while nothing was measured', () => {
    const [ms = 0] = foreseeSteps([running(64, 10)], []);
    expect(ms).toBeCloseTo(10 * 2 * 4_096 * 1.5e-4, 9);
  });
});
