import { Metrics } from '@darkroom/service-kit';
import { expect, it } from 'vitest';
import { EventLoopDelay } from './event-loop-delay.js';

const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

it('EventLoopDelay sees a blocked loop during work, and nothing outside of it', async () => {
  const delay = new EventLoopDelay(new Metrics('spec'));
  expect(delay.quantile(0.99)).toBe(0);
  const block = () => {
    const end = performance.now() + 120;
    while (performance.now() < end);
  };
  block();
  await sleep(30);
  expect(delay.quantile(1)).toBe(0);
  await delay.during(async () => {
    await sleep(50);
    block();
    await sleep(50);
  });
  expect(delay.quantile(1)).toBeGreaterThan(0.09);
  expect(delay.quantile(0.5)).toBeLessThan(0.05);
  const longest = delay.quantile(1);
  await sleep(300);
  await delay.during(() => sleep(50));
  expect(delay.quantile(1)).toBe(longest);
});
