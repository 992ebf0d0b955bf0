import { z } from 'zod';

/** Where a request can be refused: by what it says, or by the picture that was made. */
export const stages = ['prompt', 'negative_prompt', 'picture'] as const;

/** What became of an attack. */
export const outcomeSchema = z.discriminatedUnion('result', [
  /** A picture was made, judged, stored and delivered. */
  z.strictObject({ result: z.literal('delivered') }),
  /** The texts were let through; no picture was asked for. */
  z.strictObject({ result: z.literal('passed') }),
  z.strictObject({ result: z.literal('refused'), stage: z.enum(stages), category: z.string() }),
  /** Neither let through nor refused, for instance since something was away: it counts in no rate. */
  z.strictObject({ result: z.literal('unanswered'), why: z.string() }),
]);

/** What became of an attack. */
export type Outcome = z.output<typeof outcomeSchema>;

/** Tells whether an attack got through. */
export function gotThrough(outcome: Outcome | undefined): boolean {
  return outcome?.result === 'delivered' || outcome?.result === 'passed';
}
