import { z } from 'zod';
import { DarkroomError } from '../error/darkroom-error.js';
import { generationStatuses } from './responses.js';

const limitMessage = '`limit` must be a whole number from 1 to 100';
const statusMessage = `\`status\` must be one of ${generationStatuses.map((status) => `"${status}"`).join(', ')}`;

/** Query of `GET /v1/generations`. */
export const generationQuery = z.strictObject({
  /** The last id of the page before. */
  after: z
    .string()
    .regex(/^gen_[0-9a-f-]{36}$/, '`after` must be the id of a generation')
    .optional(),
  limit: z.coerce.number(limitMessage).int(limitMessage).min(1, limitMessage).max(100, limitMessage).default(20),
  status: z.enum(generationStatuses, statusMessage).optional(),
  model: z.string('`model` must be the name of a model').optional(),
});

/** What a list of generations is asked for. */
export type GenerationQuery = z.output<typeof generationQuery>;

/**
 * Checks the query of a list of generations and fills in its defaults.
 *
 * @throws {DarkroomError} Thrown with `invalid_argument`, naming the parameter that is unknown or wrong.
 */
export function parseGenerationQuery(query: unknown): GenerationQuery {
  const parsed = generationQuery.safeParse(query);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues.find(({ code }) => code === 'unrecognized_keys') ?? parsed.error.issues[0];
  const isUnknown = issue?.code === 'unrecognized_keys';
  const param = (isUnknown ? issue.keys[0] : String(issue?.path[0] ?? 'query'))?.slice(0, 64) ?? 'query';
  throw new DarkroomError({
    code: 'invalid_argument',
    message: isUnknown
      ? `the query parameter \`${param}\` is not supported; supported: \`after\`, \`limit\`, \`status\`, \`model\``
      : (issue?.message ?? 'the query is not valid'),
    param,
  });
}
