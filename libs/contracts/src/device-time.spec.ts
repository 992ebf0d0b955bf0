import { describe, expect, it } from 'vitest';
import { aloneSeconds, assumedSecondsPerUnit, bestRows, deviceSeconds, stepMs, type TimedWork } from './device-time.js';

const work = (overrides: Partial<TimedWork> = {}): TimedWork => ({
  width: 256,
  height: 256,
  steps: 20,
  guidanceScale: 4,
  imageCount: 1,
  solver: '',
  strength: 0,
  ...overrides,
});

// A pass of 2 rows takes 10 ms, one of 8 takes 32: 4 ms a row at best.
const passTimes = [
  { pixels: 256 * 256, rows: 2, ms: 10 },
  { pixels: 256 * 256, rows: 8, ms: 32 },
];

describe('the time of a generation on a device', () => {
  it('is its samples at the best price of a row', () => {
    expect(deviceSeconds(work(), passTimes)).toBeCloseTo(20 * 2 * 0.004, 9);
    expect(deviceSeconds(work({ imageCount: 3, guidanceScale: 1 }), passTimes)).toBeCloseTo(20 * 3 * 0.004, 9);
  });

  it('is, alone, that of passes that hold its own rows only', () => {
    expect(aloneSeconds(work(), passTimes)).toBeCloseTo(20 * 0.01, 9);
    // Six rows: one pass of 8 is cheaper by 30 ms against 32, so three passes of 2.
    expect(aloneSeconds(work({ imageCount: 3 }), passTimes)).toBeCloseTo(20 * 0.03, 9);
    expect(aloneSeconds(work({ imageCount: 4 }), passTimes)).toBeCloseTo(20 * 0.032, 9);
  });

  it('of a size that was not measured is the nearest one scaled by pixels', () => {
    const times = [...passTimes, { pixels: 1024 * 1024, rows: 2, ms: 400 }];
    expect(deviceSeconds(work({ width: 512, height: 256 }), times)).toBeCloseTo(2 * 20 * 2 * 0.004, 9);
    expect(deviceSeconds(work({ width: 1024, height: 512 }), times)).toBeCloseTo((20 * 2 * 0.2) / 2, 9);
  });

  it('of a step that several share is that of a pass between the measured ones, or of as many as pay best', () => {
    expect(stepMs(work(), 2, passTimes)).toBe(10);
    expect(stepMs(work(), 5, passTimes)).toBe(21);
    expect(stepMs(work(), 1, passTimes)).toBe(10);
    expect(stepMs(work(), 24, passTimes)).toBe(96);
    expect(stepMs(work({ width: 512 }), 8, passTimes)).toBe(64);
    expect(stepMs(work(), 2, [])).toBeCloseTo(2 * 256 * 256 * assumedSecondsPerUnit * 1_000, 9);
    expect([bestRows(work(), passTimes), bestRows(work(), [])]).toEqual([8, 1]);
  });

  it("knows the passes of Heun's method and of an edit", () => {
    expect(deviceSeconds(work({ solver: 'heun' }), passTimes)).toBeCloseTo(39 * 2 * 0.004, 9);
    expect(deviceSeconds(work({ strength: 0.5 }), passTimes)).toBeCloseTo(10 * 2 * 0.004, 9);
    expect(deviceSeconds(work({ strength: 0.01 }), passTimes)).toBeCloseTo(1 * 2 * 0.004, 9);
  });

  it('is in proportion to compute units while nothing has been measured', () => {
    expect(deviceSeconds(work(), [])).toBeCloseTo(256 * 256 * 40 * assumedSecondsPerUnit, 9);
    expect(aloneSeconds(work(), [])).toBeCloseTo(256 * 256 * 40 * assumedSecondsPerUnit, 9);
  });
});
