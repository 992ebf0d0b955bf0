import { describe, expect, it } from 'vitest';
import { burst, diurnal, type Rate, synthetic, zipfTenants } from './synthetic.js';

const draw = (rate: Rate, mostRate: number, seconds: number) => [
  ...synthetic({
    seed: 5,
    seconds,
    rate,
    mostRate,
    mix: [
      { width: 64, height: 64, steps: 4, imageCount: 1, share: 3 },
      { width: 128, height: 128, steps: 8, imageCount: 2, share: 1 },
    ],
    tenants: zipfTenants(3),
    deadlines: [1, 2],
  }),
];
const between = (requests: ReturnType<typeof draw>, from: number, to: number) =>
  requests.filter(({ atSeconds }) => atSeconds >= from && atSeconds < to).length;
/** Four standard deviations of a Poisson count. */
const about = (mean: number) => [mean - 4 * Math.sqrt(mean), mean + 4 * Math.sqrt(mean)] as const;

describe('a synthetic trace', () => {
  it('has as many arrivals as its rate says, in order', () => {
    const requests = draw(diurnal(10, 1_000), 18, 1_000);
    const [least, most] = about(10_000);
    expect(requests.length).toBeGreaterThan(least);
    expect(requests.length).toBeLessThan(most);
    expect(requests.every(({ atSeconds }, i) => i === 0 || atSeconds >= (requests[i - 1]?.atSeconds ?? 0))).toBe(true);
    // The middle fifth of the wave: 10 x 200 x (1 + 0.8 sin(pi / 5) / (pi / 5)).
    const [leastTop, mostTop] = about(2_000 * (1 + (0.8 * Math.sin(Math.PI / 5)) / (Math.PI / 5)));
    expect(between(requests, 400, 600)).toBeGreaterThan(leastTop);
    expect(between(requests, 400, 600)).toBeLessThan(mostTop);
  });

  it('has a burst where it says', () => {
    const requests = draw(burst(5, 8, 100, 200), 40, 300);
    const [least, most] = about(4_000);
    expect(between(requests, 100, 200)).toBeGreaterThan(least);
    expect(between(requests, 100, 200)).toBeLessThan(most);
    expect(between(requests, 0, 100)).toBeLessThan(about(500)[1]);
  });

  it('draws kinds, tenants and deadlines by their shares', () => {
    const requests = draw(() => 20, 20, 1_000);
    const share = (is: (request: (typeof requests)[number]) => boolean) => requests.filter(is).length / requests.length;
    expect(share(({ width }) => width === 64)).toBeCloseTo(0.75, 1);
    expect(share(({ tenantId }) => tenantId === 'tenant-1')).toBeCloseTo(6 / 11, 1);
    expect(share(({ deadlineSeconds }) => deadlineSeconds === 2)).toBeCloseTo(0.5, 1);
    expect(new Set(requests.map(({ id }) => id)).size).toBe(requests.length);
  });
});
