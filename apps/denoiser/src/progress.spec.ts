import type { GenerationProgress } from '@darkroom/contracts';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { ProgressTracker, throttledProgress } from './progress.js';

beforeEach(() => void vi.useFakeTimers({ toFake: ['performance'] }));
afterEach(() => void vi.useRealTimers());

const at = (step: number): GenerationProgress => ({ stage: 'denoise', step, steps: 9, image: 0, images: 1 });

it('throttledProgress passes on the first report and then one every 100 ms', () => {
  const sent: number[] = [];
  const report = throttledProgress(async ({ step }) => sent.push(step));
  for (let step = 0; step < 9; step++) {
    report(at(step));
    vi.advanceTimersByTime(40);
  }
  expect(sent).toEqual([0, 3, 6]);
});

it('throttledProgress drops what can not be sent', async () => {
  const report = throttledProgress(() => Promise.reject(new Error('Redis is away')));
  expect(() => report(at(1))).not.toThrow();
});

it('ProgressTracker tells of the first image that is not finished', () => {
  const told: string[] = [];
  const tracker = new ProgressTracker({ steps: 4, strength: 0, imageCount: 3 }, ({ image, stage, step }) =>
    told.push(`${image} ${stage} ${step}`),
  );
  tracker.at(0, 'encode');
  tracker.at(1, 'denoise', 1);
  tracker.at(0, 'denoise', 1);
  tracker.finish(1);
  tracker.finish(0);
  tracker.at(1, 'denoise', 4);
  tracker.at(2, 'denoise', 2);
  expect(told).toEqual(['0 encode 0', '0 denoise 1', '2 denoise 2']);
});
