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

const digestMessage = '`digest` must be "sha256:" and the 64 hex digits of the SHA-256 of the model\'s digests.json';
const sourceMessage =
  "`source` must be where the model's folder is: s3://bucket/folder, https://host/folder or file:///folder, without a name or password";

/** The name of a model, which is that of its folder. */
export const modelName = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/, {
  error: '`model` must be up to 64 letters, digits, ".", "_" and "-", the first one a letter or digit',
});

/** Which revision a model is meant to be. */
export const registrationBody = z.strictObject({
  digest: z.string(digestMessage).regex(/^sha256:[0-9a-f]{64}$/, digestMessage),
  source: z
    .url({ protocol: /^(s3|https?|file)$/, hostname: /.*/, error: sourceMessage })
    .max(1_000, sourceMessage)
    // What a page shows to everybody must hold no secret.
    .refine((source) => /^[a-z0-9]+:\/\/[^@?#]*$/.test(source), sourceMessage),
  required: z.boolean('`required` must be true or false').default(false),
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
