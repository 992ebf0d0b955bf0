import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Lifecycle } from './lifecycle.js';
import { STOP_TIMEOUT_MS } from './own-process.js';

describe('Lifecycle', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it('drains at once, and is overdue before the service is ended by force', async () => {
    const lifecycle = new Lifecycle();
    expect(lifecycle.draining.aborted).toBe(false);
    lifecycle.drain();
    expect([lifecycle.draining.aborted, lifecycle.overdue.aborted]).toEqual([true, false]);
    await vi.advanceTimersByTimeAsync(STOP_TIMEOUT_MS - 1_000);
    expect(lifecycle.overdue.aborted).toBe(true);
  });

  it('waits for what ends in time, and for all that does not once together', async () => {
    const lifecycle = new Lifecycle();
    await lifecycle.inTime(Promise.resolve());
    let waited = 0;
    lifecycle.drain();
    // One after the other, as Nest calls what is to stop.
    const all = (async () => {
      for (let i = 0; i < 3; i += 1) {
        await lifecycle.inTime(new Promise(() => {}));
        waited += 1;
      }
    })();
    await vi.advanceTimersByTimeAsync(100);
    expect(waited).toBe(0);
    await vi.advanceTimersByTimeAsync(STOP_TIMEOUT_MS - 1_000);
    expect(waited).toBe(3);
    await all;
  });
});
