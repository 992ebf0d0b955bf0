import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { Isolation } from './isolation.js';

function recorder() {
  const log: string[] = [];
  const work =
    (name: string, ms = 5) =>
    async () => {
      log.push(`${name} begins`);
      await sleep(ms);
      log.push(`${name} ends`);
      return name;
    };
  return { log, work };
}

describe('Isolation', () => {
  it('lets ordinary work run side by side', async () => {
    const isolation = new Isolation();
    const { log, work } = recorder();
    await Promise.all([isolation.runTogether(work('a', 5)), isolation.runTogether(work('b', 10))]);
    expect(log).toEqual(['a begins', 'b begins', 'a ends', 'b ends']);
  });

  it('waits for what runs, runs the suspect alone, and only then lets others begin', async () => {
    const isolation = new Isolation();
    const { log, work } = recorder();
    await Promise.all([
      isolation.runTogether(work('before')),
      isolation.runAlone(work('first suspect')),
      isolation.runAlone(work('second suspect')),
      isolation.runTogether(work('after')),
    ]);
    expect(log).toEqual([
      'before begins',
      'before ends',
      'first suspect begins',
      'first suspect ends',
      'second suspect begins',
      'second suspect ends',
      'after begins',
      'after ends',
    ]);
  });

  it('goes on after work that fails, which fails for its asker alone', async () => {
    const isolation = new Isolation();
    const failing = () => Promise.reject(new Error('no'));
    const { work } = recorder();
    const [one, two, three] = await Promise.allSettled([
      isolation.runTogether(failing),
      isolation.runAlone(failing),
      isolation.runTogether(work('after')),
    ]);
    expect([one.status, two.status]).toEqual(['rejected', 'rejected']);
    expect(three).toEqual({ status: 'fulfilled', value: 'after' });
  });
});
