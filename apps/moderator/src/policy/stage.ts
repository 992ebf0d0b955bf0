import { DarkroomError, type ModerationContext, type ModerationStage, moderationStages } from '@darkroom/contracts';

/**
 * Reads at which point something is judged.
 *
 * @param usual where it is taken to be when a service of an earlier version doesn't say.
 * @throws {DarkroomError} Thrown with `invalid_argument` for a stage that nobody knows.
 */
export function parseStage(context: ModerationContext | undefined, usual: ModerationStage): ModerationStage {
  const stage = context?.stage || usual;
  const found = moderationStages.find((known) => known === stage);
  if (found !== undefined) return found;
  throw new DarkroomError({
    code: 'invalid_argument',
    message: `\`context.stage\` must be one of ${moderationStages.map((known) => `"${known}"`).join(', ')}`,
    param: 'context.stage',
  });
}
