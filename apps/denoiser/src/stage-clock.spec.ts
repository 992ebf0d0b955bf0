import { expect, it, vi } from 'vitest';
import { StageClock } from './stage-clock.js';

it('StageClock adds stages up over images, in the order they came', async () => {
  const clock = new StageClock();
  clock.add('queue', 5);
  for (const kernelMs of [1, 2]) {
    await clock.time(
      'denoise',
      async () => ({ kernelMs }),
      (result) => result.kernelMs,
    );
    await clock.time('decode', async () => undefined);
  }
  const timings = clock.timings();
  expect(timings.map(({ stage, kernelMs }) => [stage, kernelMs])).toEqual([
    ['queue', 0],
    ['denoise', 3],
    ['decode', 0],
  ]);
  expect(timings[0]?.totalMs).toBe(5);
});

it('StageClock passes errors on', async () => {
  const failing = new StageClock().time('decode', () => Promise.reject(new Error('no')));
  await expect(failing).rejects.toThrow('no');
});

it('StageClock counts time that several images spend in a stage once, and all of their kernels', async () => {
  vi.useFakeTimers({ toFake: ['performance', 'setTimeout'] });
  const clock = new StageClock();
  const image = (ms: number) =>
    clock.time(
      'denoise',
      () => new Promise<number>((resolve) => setTimeout(resolve, ms, ms / 2)),
      (kernelMs) => kernelMs,
    );
  const both = Promise.all([image(10), image(30)]);
  await vi.advanceTimersByTimeAsync(30);
  await both;
  expect(clock.timings()).toEqual([{ stage: 'denoise', totalMs: 30, kernelMs: 20 }]);
  vi.useRealTimers();
});
