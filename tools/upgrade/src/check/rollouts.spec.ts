import { expect, it } from 'vitest';
import { planRollouts } from './rollouts.js';
import { servers } from './two-versions.js';

const older = { commit: 'older', root: '/older' };
const newer = { commit: 'newer', root: '/newer' };

it('lets callers of each version meet servers of the other alone, and ends with the newer version', () => {
  const plan = planRollouts(older, newer, ['pocket']);
  const callers = ['denoiser-pocket', 'gateway'];
  const versions = new Map([...servers, ...callers].map((name) => [name, older.commit]));
  const met = new Set<string>();
  for (const { from, to, order } of plan) {
    expect([...order].sort()).toEqual([...versions.keys()].sort());
    for (const name of order) {
      expect(versions.get(name)).toBe(from.commit);
      versions.set(name, to.commit);
      for (const caller of callers)
        for (const server of servers) met.add(`${caller} ${versions.get(caller)} > ${server} ${versions.get(server)}`);
    }
  }
  for (const caller of callers) {
    for (const server of servers) {
      expect(met).toContain(`${caller} older > ${server} newer`);
      expect(met).toContain(`${caller} newer > ${server} older`);
    }
  }
  expect(new Set(versions.values())).toEqual(new Set(['newer']));
});
