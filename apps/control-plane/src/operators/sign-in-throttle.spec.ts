import { describe, expect, it } from 'vitest';
import { SignInThrottle } from './sign-in-throttle.js';

const MINUTE = 60_000;
/** Attempts that all fail, and how many of them were let through. */
const failures = (throttle: SignInThrottle, count: number, who: (index: number) => [name: string, address: string], nowMs = 0) =>
  Array.from({ length: count }, (_, index) => who(index)).filter(([name, address]) => {
    try {
      throttle.attempt(name, address, nowMs);
      return true;
    } catch {
      return false;
    }
  }).length;

describe('failures to sign in', () => {
  it.each([
    ['a name from an address', 10, () => ['ann', '1.2.3.4']],
    ['a name from anywhere', 100, (index) => ['ann', `1.2.3.${index}`]],
    ['an address', 100, (index) => [`ann${index}`, '1.2.3.4']],
  ] as [string, number, (index: number) => [string, string]][])('with %s are %d in a quarter of an hour', (_what, limit, who) => {
    const throttle = new SignInThrottle();
    expect(failures(throttle, 150, who)).toBe(limit);
    expect(failures(throttle, 150, who, 15 * MINUTE - 1)).toBe(0);
    expect(failures(throttle, 150, who, 15 * MINUTE)).toBe(limit);
  });

  it('are told when to come back, and others are not held up', () => {
    const throttle = new SignInThrottle();
    failures(throttle, 10, () => ['ann', '1.2.3.4']);
    const refused = { code: 'rate_limited', retryAfterSeconds: 600 };
    expect(() => throttle.attempt('ann', '1.2.3.4', 5 * MINUTE)).toThrow(expect.objectContaining(refused));
    throttle.attempt('ben', '1.2.3.4', 5 * MINUTE);
    throttle.attempt('ann', '5.6.7.8', 5 * MINUTE);
  });

  it('are not counted where it came out well', () => {
    const throttle = new SignInThrottle();
    for (let time = 0; time < 300; time += 1) throttle.attempt('ann', '1.2.3.4', 0)();
    expect(failures(throttle, 20, () => ['ann', '1.2.3.4'])).toBe(10);
  });
});
