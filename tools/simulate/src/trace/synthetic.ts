import { seededRandom } from '@darkroom/testing/red-team';
import type { SimulatedRequest } from '../request.js';

/** A kind of image that is asked for, and how often beside others. */
export interface MixEntry {
  readonly width: number;
  readonly height: number;
  readonly steps: number;
  readonly imageCount: number;
  readonly share: number;
}

/** How many generations a second are asked for at a moment. */
export type Rate = (atSeconds: number) => number;

/** What a synthetic trace is drawn from. */
export interface SyntheticTrace {
  readonly seed: number;
  readonly seconds: number;
  readonly rate: Rate;
  /** No rate is above this. */
  readonly mostRate: number;
  readonly mix: readonly MixEntry[];
  /** Tenants and how often each asks, by weight. */
  readonly tenants: readonly { readonly id: string; readonly share: number }[];
  /** Seconds that a generation is of use for; one of these, each as likely. */
  readonly deadlines: readonly number[];
}

/** A day's wave in as many seconds as are wanted: 1.8 times the mean at its top, 0.2 at its bottom, where it begins. */
export function diurnal(meanRate: number, daySeconds: number): Rate {
  return (at) => meanRate * (1 - 0.8 * Math.cos((2 * Math.PI * at) / daySeconds));
}

/** A constant rate that is so many times as high for a while. */
export function burst(baseRate: number, times: number, fromSeconds: number, toSeconds: number): Rate {
  return (at) => (at >= fromSeconds && at < toSeconds ? times * baseRate : baseRate);
}

/** Draws a Poisson process with a rate that changes, by thinning (Lewis & Shedler 1979). */
export function* synthetic(trace: SyntheticTrace): Generator<SimulatedRequest> {
  const random = seededRandom(trace.seed);
  const pickKind = picker(trace.mix, random);
  const pickTenant = picker(trace.tenants, random);
  let made = 0;
  for (let at = 0; ; ) {
    at += -Math.log(1 - random()) / trace.mostRate;
    if (at >= trace.seconds) return;
    if (random() * trace.mostRate > trace.rate(at)) continue;
    const { width, height, steps, imageCount } = pickKind();
    yield {
      id: `gen-${made++}`,
      atSeconds: at,
      tenantId: pickTenant().id,
      weight: 1,
      priority: 0,
      width,
      height,
      steps,
      guidanceScale: 4,
      imageCount,
      solver: '',
      strength: 0,
      deadlineSeconds: trace.deadlines[Math.floor(random() * trace.deadlines.length)] as number,
    };
  }
}

/** So many tenants, of whom the n-th asks as often as 1/n says (Zipf's law). */
export function zipfTenants(count: number) {
  return Array.from({ length: count }, (_, i) => ({ id: `tenant-${i + 1}`, share: 1 / (i + 1) }));
}

function picker<Choice extends { readonly share: number }>(choices: readonly Choice[], random: () => number): () => Choice {
  const sum = choices.reduce((total, { share }) => total + share, 0);
  return () => {
    let left = random() * sum;
    for (const choice of choices) {
      left -= choice.share;
      if (left <= 0) return choice;
    }
    return choices.at(-1) as Choice;
  };
}
