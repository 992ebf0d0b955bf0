import { expect, it } from 'vitest';
import { between, duration } from './durations.js';
import { stageBars } from './stage-bars.js';

it('lays stages out one after another, with their kernels inside', () => {
  const timings = [
    { stage: 'queue', total_ms: 100, kernel_ms: 0 },
    { stage: 'denoise', total_ms: 300, kernel_ms: 240 },
    { stage: 'decode', total_ms: 100, kernel_ms: 250 },
  ];
  expect(stageBars(timings).map(({ start, length, kernelShare }) => [start, length, kernelShare])).toEqual([
    [0, 0.2, 0],
    [0.2, 0.6, 0.8],
    // Several images decode side by side.
    [0.8, 0.2, 1],
  ]);
  expect(stageBars([{ stage: 'queue', total_ms: 0, kernel_ms: 0 }])).toMatchObject([{ start: 0, length: 0, kernelShare: 0 }]);
});

it('says lengths of time as a person reads them', () => {
  expect([0, 840.4, 1_234, 12_345, 125_400].map(duration)).toEqual(['0 ms', '840 ms', '1.23 s', '12.3 s', '2 min 5 s']);
  expect(between('2026-01-01T00:00:00Z', '2026-01-01T00:00:02Z', 0)).toBe(2_000);
  expect(between('2026-01-01T00:00:00Z', null, Date.parse('2026-01-01T00:00:01Z'))).toBe(1_000);
  expect(between(null, null, 0)).toBeUndefined();
});
