import { z } from 'zod';

/** Longest text of an appeal. */
export const maxAppealLength = 4_000;

const textMessage = `\`text\` must be a text of 1 to ${maxAppealLength} characters`;

/** Body of an appeal. */
export const appealBody = z.strictObject({
  text: z.string(textMessage).trim().min(1, textMessage).max(maxAppealLength, textMessage).meta({
    description:
      'Why the decision is wrong. Say what was asked for: prompts and refused pictures are not kept, so a reviewer sees nothing else.',
  }),
});

/** How an appeal can stand. */
export const appealStatuses = ['open', 'approved', 'rejected'] as const;

/** Answer to an appeal, and how it stands later. */
export const appealViewBody = z
  .object({
    object: z.literal('appeal'),
    decision_id: z.string(),
    generation_id: z
      .string()
      .nullable()
      .meta({ description: 'What was refused before it began is no generation that can be fetched.' }),
    created: z.int().nullable().meta({ description: 'Unix seconds; null where a reviewer looks at it without an appeal.' }),
    status: z
      .enum(appealStatuses)
      .meta({ description: 'What the reviewer came to: `approved` says that the decision was wrong.' }),
    reason: z.string().nullable().meta({ description: "The reviewer's words; null while it is open." }),
  })
  .meta({ id: 'Appeal' });

/** JSON of an appeal. */
export type AppealViewBody = z.infer<typeof appealViewBody>;
