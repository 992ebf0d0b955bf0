import { describe, expect, it } from 'vitest';
import { type MeasuredSteps, StepPace } from './step-pace.js';

const passTimes = [
  { pixels: 4_096, rows: 2, ms: 4 },
  { pixels: 4_096, rows: 4, ms: 6 },
];
const at = (id: string, left: number): MeasuredSteps => ({
  id,
  tenantId: 'a',
  work: { width: 64, height: 64, steps: 1_000, guidanceScale: 4, imageCount: 1, solver: '', strength: 0 },
  rows: 2,
  steps: 1_000,
  left,
});

/** Lets a second go by after each look, and returns the pace in the end. */
function paceAfter(...looks: (readonly MeasuredSteps[])[]): number {
  const pace = new StepPace();
  for (const [second, look] of looks.entries()) pace.observe(look, passTimes, second * 1_000);
  return pace.value;
}

describe('the pace of steps', () => {
  const weight = 1 - Math.exp(-1 / 10);

  it('is 1 where they take what was measured', () => {
    expect(paceAfter()).toBe(1);
    expect(paceAfter([at('x', 900)], [at('x', 650)])).toBeCloseTo(1, 9);
    // Two that share passes make 1,000 / 6 steps each in a second.
    expect(paceAfter([at('x', 900), at('y', 800)], [at('x', 900 - 1_000 / 6), at('y', 800 - 1_000 / 6)])).toBeCloseTo(1, 9);
  });

  it('goes towards what they really take', () => {
    const twice = paceAfter([at('x', 900)], [at('x', 775)]);
    expect(twice).toBeCloseTo(1 + weight, 9);
    expect(paceAfter(...Array.from({ length: 80 }, (_, i) => [at('x', 990 - 12.5 * i)]))).toBeCloseTo(8, 0);
  });

  it('counts what has ended meanwhile, and no time in which nothing makes steps', () => {
    expect(paceAfter([at('x', 900), at('y', 50)], [at('x', 700)])).not.toBe(1);
    expect(paceAfter([at('x', 900)], [], [])).toBe(1);
    expect(paceAfter([at('x', 1_000)], [at('x', 990)])).toBe(1);
  });
});
