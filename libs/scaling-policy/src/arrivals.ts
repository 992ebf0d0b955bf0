/** Share of a new span in the level, and of a change of the level in the trend. */
const levelWeight = 0.25;
const trendWeight = 0.1;

/** What remains of a trend one span later: a rise does not go on for ever. */
const damping = 0.9;

/** Work that arrives: device seconds a second. */
export interface ArrivalForecast {
  /** As it is now, smoothed. */
  readonly now: number;
  /** As it will be at the horizon if the trend goes on, more weakly from span to span; never negative. */
  readonly ahead: number;
}

/**
 * Forecasts how much work will arrive, by exponential smoothing with a damped trend (Gardner & McKenzie 1985, after Holt 1957).
 *
 * @param spans device seconds that were admitted in each span, the oldest first.
 * @param horizonSeconds how far ahead; the time that a new replica takes to be ready.
 */
export function forecastArrivals(spans: readonly number[], spanSeconds: number, horizonSeconds: number): ArrivalForecast {
  const [first = 0, ...later] = spans.map((seconds) => seconds / spanSeconds);
  let level = first;
  let trend = 0;
  for (const rate of later) {
    const before = level;
    level = levelWeight * rate + (1 - levelWeight) * (level + damping * trend);
    trend = trendWeight * (level - before) + (1 - trendWeight) * damping * trend;
  }
  const spansAhead = horizonSeconds / spanSeconds;
  // The sum of damping^i for i from 1 to the horizon.
  const dampedAhead = (damping * (1 - damping ** spansAhead)) / (1 - damping);
  return { now: Math.max(0, level), ahead: Math.max(0, level + dampedAhead * trend) };
}
