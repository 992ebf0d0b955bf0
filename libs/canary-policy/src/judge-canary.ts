import { normalTail, twoProportionZ } from './two-proportions.js';

/** How generations of one revision ended within a time. */
export interface Outcomes {
  /** All that tell something of the revision: not those that were cancelled, came too late or were asked for wrongly. */
  readonly ended: number;
  /** Of those, how many failed for a defect. */
  readonly failed: number;
  /** Of those, how many were refused for what their picture shows. */
  readonly refused: number;
}

/** When a newer revision counts as worse than the model. */
export interface CanaryThresholds {
  /** Fewer generations than this of either tell nothing. */
  readonly minGenerations: number;
  /** By so much its rate of errors, or of refused pictures, may exceed the model's, as a difference of shares from 0 to 1. */
  readonly maxErrorIncrease: number;
  readonly maxRefusalIncrease: number;
  /** How probable an excess like the one that was seen may be by chance, at each look. */
  readonly significance: number;
}

/** What is taken where nothing else is said. A canary is looked at again and again, so a single look may hardly ever be wrong. */
export const defaultThresholds: CanaryThresholds = {
  minGenerations: 50,
  maxErrorIncrease: 0.02,
  maxRefusalIncrease: 0.02,
  significance: 0.001,
};

/** Fewer events than this are too few for the normal distribution that the test stands on. */
const LEAST_EVENTS = 5;

/** A rate of the canary beside the model's. */
export interface Comparison {
  readonly canaryRate: number;
  readonly stableRate: number;
  /** How probable it is that two revisions that are alike differ so much in this direction. */
  readonly pValue: number;
  readonly isWorse: boolean;
}

/** What is to be thought of a canary. */
export interface CanaryJudgement {
  readonly verdict: 'too_few' | 'good' | 'worse';
  readonly errors: Comparison;
  readonly refusals: Comparison;
  /** In words, with the numbers. */
  readonly reason: string;
}

/**
 * Judges a canary: it is worse when more of its generations fail or are refused than of the model's by more than the threshold, and by so
 * much that chance does not explain it (one-sided test of two proportions).
 */
export function judgeCanary(stable: Outcomes, canary: Outcomes, thresholds: CanaryThresholds): CanaryJudgement {
  const { minGenerations, maxErrorIncrease, maxRefusalIncrease } = thresholds;
  const areEnough = Math.min(stable.ended, canary.ended) >= minGenerations;
  const compare = (events: (outcomes: Outcomes) => number, mostIncrease: number): Comparison => {
    const [own, other] = [events(canary), events(stable)];
    const canaryRate = own / Math.max(1, canary.ended);
    const stableRate = other / Math.max(1, stable.ended);
    const pValue = normalTail(twoProportionZ(own, canary.ended, other, stable.ended));
    const isBeyond = canaryRate - stableRate > mostIncrease && own >= LEAST_EVENTS;
    return { canaryRate, stableRate, pValue, isWorse: areEnough && isBeyond && pValue < thresholds.significance };
  };
  const errors = compare(({ failed }) => failed, maxErrorIncrease);
  const refusals = compare(({ refused }) => refused, maxRefusalIncrease);
  if (!areEnough) {
    const reason = `${canary.ended} of the revision's and ${stable.ended} of the model's generations have ended; ${minGenerations} of each are needed`;
    return { verdict: 'too_few', errors, refusals, reason };
  }
  const rates = [
    errors.isWorse && inWords('failed', errors, canary.failed, canary.ended),
    refusals.isWorse && inWords('were refused', refusals, canary.refused, canary.ended),
  ].filter((words) => words !== false);
  if (rates.length > 0) return { verdict: 'worse', errors, refusals, reason: rates.join('; ') };
  return { verdict: 'good', errors, refusals, reason: 'the revision does no worse than the model, as far as can be told' };
}

function inWords(what: string, { canaryRate, stableRate, pValue }: Comparison, events: number, ended: number): string {
  const percent = (rate: number) => `${(100 * rate).toFixed(1)} %`;
  const share = `${percent(canaryRate)} of the revision's generations ${what} (${events} of ${ended})`;
  return `${share}, and ${percent(stableRate)} of the model's; p = ${pValue.toPrecision(2)}`;
}
