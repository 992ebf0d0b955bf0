import type { WorkerReport } from '@darkroom/contracts';
import { describe, expect, it } from 'vitest';
import { admissionLimits } from './admission-limits.js';
import { Forecast, type ForeseenWork } from './forecast.js';

// Ten steps of a guided image: 1 s alone, 0.8 s of a device where passes are large.
const passTimes = [
  { pixels: 65_536, rows: 2, ms: 100 },
  { pixels: 65_536, rows: 8, ms: 320 },
];
const work: ForeseenWork = {
  id: 'gen_a',
  tenantId: 'a',
  width: 256,
  height: 256,
  steps: 10,
  guidanceScale: 4,
  imageCount: 1,
  solver: '',
  strength: 0,
};
const worker = (remainingSeconds: number): WorkerReport => ({
  workerId: 'w',
  concurrency: 4,
  running: 4,
  loads: [{ tenantId: 'b', remainingSeconds, generationId: 'gen_b', finishSeconds: remainingSeconds, stepsMade: 0, steps: 0 }],
  passTimes,
  otherSeconds: 0.5,
  pace: 1,
  identity: undefined,
  fileCheck: undefined,
  drained: false,
});
const limitsOf = (secondsLeft: number | undefined, ...alive: WorkerReport[]) =>
  admissionLimits(work, secondsLeft, new Forecast({ alive, passTimes }), { limitSeconds: 900 });

describe('the limits of admission', () => {
  it("are the platform's bound, by devices, without a deadline", () => {
    expect(limitsOf(undefined, worker(2), worker(2))).toMatchObject({ bound: 1800, secondsAhead: 1800, isByDeadline: false });
  });

  it('leave room for what lets it meet its deadline', () => {
    // 10 s, less 1.5 of its own, on two devices that have 4 s to do: 2 x 8.5 - 4.
    const limits = limitsOf(10, worker(2), worker(2));
    expect(limits.secondsAhead).toBeCloseTo(13, 9);
    expect(limits).toMatchObject({ isByDeadline: true, isImpossible: false });
    expect(limits.seconds).toBeCloseTo(0.8, 9);
  });

  it('know that nothing helps a deadline that is nearer than its own time', () => {
    expect(limitsOf(1.4, worker(0))).toMatchObject({ isImpossible: true, leastSeconds: 1.5 });
    expect(limitsOf(1.6, worker(0))).toMatchObject({ isImpossible: false });
  });

  it('count jobs alone while no worker is there to tell by', () => {
    expect(limitsOf(0.1)).toMatchObject({ secondsAhead: 900, isImpossible: false, leastSeconds: 0 });
  });
});
