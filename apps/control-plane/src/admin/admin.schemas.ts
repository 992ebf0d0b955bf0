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
