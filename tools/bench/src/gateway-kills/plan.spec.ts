import { describe, expect, it } from 'vitest';
import { seededRandom } from '../random.js';
import { drawRounds } from './plan.js';

const draw = (seed: number, requests: number, kills: number) => drawRounds(seededRandom(seed), requests, kills);

describe('the rounds that are drawn', () => {
  it('are the same for the same seed alone', () => {
    expect(draw(3, 50, 7)).toEqual(draw(3, 50, 7));
    expect(draw(4, 50, 7)).not.toEqual(draw(3, 50, 7));
  });

  it('hold all requests, of every kind, with keys and without, each key once', () => {
    const requests = draw(1, 203, 25).flatMap((round) => round.requests);
    expect(requests).toHaveLength(203);
    expect(new Set(requests.map(({ kind }) => kind)).size).toBe(8);
    const keys = requests.flatMap(({ key }) => key ?? []);
    expect(new Set(keys).size).toBe(keys.length);
    expect(keys.length).toBeGreaterThan(100);
    expect(keys.length).toBeLessThan(180);
  });

  it('have a death each, that comes while their requests do', () => {
    const rounds = draw(1, 200, 25);
    expect(rounds).toHaveLength(25);
    for (const { requests, killAtMs } of rounds) {
      expect(requests).toHaveLength(8);
      const last = Math.max(...requests.map(({ atMs }) => atMs));
      expect(killAtMs).toBeLessThan(last < 80 ? 85 : 2_505);
    }
  });
});
