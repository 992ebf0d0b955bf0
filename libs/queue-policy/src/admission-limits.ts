import type { Forecast, ForeseenWork } from './forecast.js';

/** What the platform lets wait. */
export interface QueueBounds {
  /** Longest that a generation may have to wait for its turn, as foreseen. */
  readonly limitSeconds: number;
}

/** Up to where one generation is let in. */
export interface AdmissionLimits {
  /** Seconds of device time that it costs others. */
  readonly seconds: number;
  /** Most seconds of device time that the platform lets be served before it. */
  readonly bound: number;
  /** Most that may be served before it: the bound, or what still lets it meet its deadline. */
  readonly secondsAhead: number;
  /** Whether its deadline is what limits it. */
  readonly isByDeadline: boolean;
  /** Seconds that it takes at least; 0 while no worker is there to tell by. */
  readonly leastSeconds: number;
  /** Whether not even an idle platform could meet its deadline. */
  readonly isImpossible: boolean;
}

/**
 * Tells up to where a generation is let in.
 *
 * @param secondsLeft until its deadline; undefined when it has none.
 */
export function admissionLimits(
  work: ForeseenWork,
  secondsLeft: number | undefined,
  forecast: Forecast,
  { limitSeconds }: QueueBounds,
): AdmissionLimits {
  const leastSeconds = forecast.devices === 0 ? 0 : forecast.leastSeconds(work);
  const bound = limitSeconds * Math.max(1, forecast.devices);
  const inTime = secondsLeft === undefined ? bound : forecast.mostAhead(work, secondsLeft);
  return {
    seconds: forecast.deviceSeconds(work),
    bound,
    secondsAhead: Math.min(bound, inTime),
    isByDeadline: secondsLeft !== undefined && inTime < bound,
    leastSeconds,
    isImpossible: secondsLeft !== undefined && secondsLeft < leastSeconds,
  };
}
