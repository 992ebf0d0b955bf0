import { defaultThresholds } from '@darkroom/canary-policy';
import { z } from 'zod';

function number(param: string, least: number, most: number) {
  const message = `\`${param}\` must be a number from ${least} to ${most}`;
  return z.number(message).min(least, message).max(most, message);
}

const revisionMessage = '`revision` must be the name of a served model, other than the model itself';
const generationsMessage = '`min_generations` must be a whole number from 10 to 100000';

/** What a canary is to be; what is left out is the default. */
export const canaryBody = z.strictObject({
  revision: z.string(revisionMessage).min(1, revisionMessage).max(64, revisionMessage),
  percent: number('percent', 0, 100),
  min_generations: z
    .int(generationsMessage)
    .min(10, generationsMessage)
    .max(100_000, generationsMessage)
    .default(defaultThresholds.minGenerations),
  max_error_increase: number('max_error_increase', 0, 1).default(defaultThresholds.maxErrorIncrease),
  max_refusal_increase: number('max_refusal_increase', 0, 1).default(defaultThresholds.maxRefusalIncrease),
  significance: number('significance', 1e-9, 0.1).default(defaultThresholds.significance),
});
