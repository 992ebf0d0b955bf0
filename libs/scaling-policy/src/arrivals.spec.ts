import { describe, expect, it } from 'vitest';
import { forecastArrivals } from './arrivals.js';

const flat = (seconds: number, spans = 40) => Array(spans).fill(seconds);

describe('the forecast of arrivals', () => {
  it('is the rate where it does not change, however far ahead', () => {
    expect(forecastArrivals(flat(30), 15, 600)).toEqual({ now: expect.closeTo(2, 9), ahead: expect.closeTo(2, 9) });
  });

  it('goes on with a rise, and less from span to span', () => {
    const rising = Array.from({ length: 40 }, (_, i) => 15 * i);
    const { now, ahead } = forecastArrivals(rising, 15, 60);
    const further = forecastArrivals(rising, 15, 600).ahead;
    expect(now).toBeGreaterThan(30);
    expect(ahead).toBeGreaterThan(now);
    // A trend of at most 1 a span, over at most 0.9 / (1 - 0.9) = 9 spans.
    expect(further).toBeLessThan(now + 9);
    expect(further).toBeGreaterThan(ahead);
  });

  it('is a weighted mean by hand: 0.25 of the new level, and 0.1 of its change', () => {
    // level 0.25 x 4 = 1, trend 0.1 x 1 = 0.1; one span ahead: 1 + 0.9 x 0.1.
    expect(forecastArrivals([0, 4], 1, 1)).toEqual({ now: expect.closeTo(1, 9), ahead: expect.closeTo(1.09, 9) });
  });

  it('is never negative, and zero of nothing', () => {
    expect(forecastArrivals([...flat(100), ...flat(0, 3)], 1, 100).ahead).toBeGreaterThanOrEqual(0);
    expect(forecastArrivals([], 15, 60)).toEqual({ now: 0, ahead: 0 });
  });
});
