import { z } from 'zod';
import { maxUserLength } from './parameters.js';
import { generationStatuses } from './responses.js';

const limitMessage = '`limit` must be a whole number from 1 to 100';
const statusMessage = `\`status\` must be one of ${generationStatuses.map((status) => `"${status}"`).join(', ')}`;
const userMessage = `\`user\` must be a text of 1 to ${maxUserLength} characters`;

/** Query of `GET /v1/generations`. */
export const generationQuery = z.strictObject({
  after: z
    .string()
    .regex(/^gen_[0-9a-f-]{36}$/, '`after` must be the id of a generation')
    .optional()
    .meta({ description: '`last_id` of the page before; from the newest when left out.' }),
  limit: z.coerce
    .number(limitMessage)
    .int(limitMessage)
    .min(1, limitMessage)
    .max(100, limitMessage)
    .default(20)
    .meta({ description: 'How many at most.' }),
  status: z.enum(generationStatuses, statusMessage).optional().meta({ description: 'Only those that stand so.' }),
  model: z.string('`model` must be the name of a model').optional().meta({ description: 'Only those of this model.' }),
  user: z
    .string(userMessage)
    .min(1, userMessage)
    .max(maxUserLength, userMessage)
    .optional()
    .meta({ description: 'Only those of this user of the client.' }),
});

/** Body of `POST /v1/generations/{id}/replay`, which may be left out: all that there is to say is in the original. */
export const replayBody = z.strictObject({});

/** What a list of generations is asked for. */
export type GenerationQuery = z.output<typeof generationQuery>;
