import type { GenerationProgress } from '@darkroom/contracts';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { throttledProgress } from './progress.js';

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
