import { defaultThresholds } from '@darkroom/canary-policy';
import { z } from 'zod';

function number(param: string, least: number, most: number) {
  const message = `\`${param}\` must be a number from ${least} to ${most}`;
  return z.number(message).min(least, message).max(most, message);
}

function whole(param: string, least: number, most: number) {
  const message = `\`${param}\` must be a whole number from ${least} to ${most}`;
  return z.int(message).min(least, message).max(most, message);
}

/** How many replicas of a model are to be ready, and for how long; what is left out is the default. */
export const warmBody = z.strictObject({
  replicas: whole('replicas', 1, 100).default(1),
  minutes: whole('minutes', 1, 1_440).default(30),
});

const revisionMessage = '`revision` must be the name of a served model, other than the model itself';

/** What a canary is to be; what is left out is the default. */
export const canaryBody = z.strictObject({
  revision: z.string(revisionMessage).min(1, revisionMessage).max(64, revisionMessage),
  percent: number('percent', 0, 100),
  min_generations: whole('min_generations', 10, 100_000).default(defaultThresholds.minGenerations),
  max_error_increase: number('max_error_increase', 0, 1).default(defaultThresholds.maxErrorIncrease),
  max_refusal_increase: number('max_refusal_increase', 0, 1).default(defaultThresholds.maxRefusalIncrease),
  significance: number('significance', 1e-9, 0.1).default(defaultThresholds.significance),
});
