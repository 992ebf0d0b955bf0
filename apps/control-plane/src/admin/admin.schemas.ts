import { DarkroomError } from '@darkroom/contracts';
import { z } from 'zod';

const name = (param: string) => {
  const message = `\`${param}\` must be a text of 1 to 100 characters`;
  return z.string(message).trim().min(1, message).max(100, message);
};

const limitMessage = '`limit` must be a whole number from 1 to 1000';

export const newTenantBody = z.strictObject({ name: name('name') });
export const newKeyBody = z.strictObject({ name: name('name'), tenant: name('tenant').optional() });
export const keyQuery = z.strictObject({ tenant: name('tenant').optional() });
export const usageQuery = z.strictObject({
  generation_id: name('generation_id').optional(),
  tenant: name('tenant').optional(),
  before: name('before').optional(),
  limit: z.coerce.number(limitMessage).int(limitMessage).min(1, limitMessage).max(1000, limitMessage).default(100),
});

/**
 * Checks a body or a query strictly.
 *
 * @throws {DarkroomError} Thrown with `invalid_argument`, naming the parameter that is unknown or wrong.
 */
export function parseStrictly<Schema extends z.ZodType>(schema: Schema, value: unknown): z.output<Schema> {
  const parsed = schema.safeParse(value ?? {});
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues.find(({ code }) => code === 'unrecognized_keys') ?? parsed.error.issues[0];
  const param = issue?.code === 'unrecognized_keys' ? issue.keys[0] : String(issue?.path[0] ?? 'body');
  const message =
    issue?.code === 'unrecognized_keys' ? `\`${param}\` is not supported; leave it out` : (issue?.message ?? 'invalid');
  throw new DarkroomError({ code: 'invalid_argument', message, param });
}
