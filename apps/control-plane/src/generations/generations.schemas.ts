import { errorCodes } from '@darkroom/contracts';
import { journalStatuses } from '@darkroom/contracts/admin';
import { z } from 'zod';
import { limit, oneOf } from '../audit/audit.schemas.js';

const idMessage = '`id` must be the id of a generation, or how it begins: `gen_` and up to 36 of 0-9, a-f and "-"';
const beforeMessage = '`before` must be the id of the last generation of the page before';

const name = (param: string) => {
  const message = `\`${param}\` must be a text of 1 to 100 characters`;
  return z.string(message).min(1, message).max(100, message).optional();
};

const moment = (param: string) => {
  const error = `\`${param}\` must be a date and time of RFC 3339 with its offset, like "2027-01-01T00:00:00Z"`;
  return z.iso
    .datetime({ offset: true, error })
    .transform((text) => new Date(text))
    .optional();
};

/** Which generations to list, the newest first. */
export const generationsQuery = z.strictObject({
  id: z
    .string()
    .regex(/^gen_[0-9a-f-]{0,36}$/, idMessage)
    .optional(),
  status: oneOf('status', journalStatuses).optional(),
  error: oneOf('error', errorCodes).optional(),
  model: name('model'),
  tenant: name('tenant'),
  key: name('key'),
  worker: name('worker'),
  from: moment('from'),
  to: moment('to'),
  before: z
    .string()
    .regex(/^gen_[0-9a-f-]{36}$/, beforeMessage)
    .optional(),
  limit,
});
