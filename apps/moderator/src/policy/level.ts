import { DarkroomError } from '@darkroom/contracts';
import { type ModerationLevel, moderationLevels } from '@darkroom/contracts/http';

/**
 * Reads how strictly a request wants to be judged; nothing said is `auto`.
 *
 * @throws {DarkroomError} Thrown with `invalid_argument` for a level that nobody knows: it may not be taken for a looser one.
 */
export function parseLevel(level: string): ModerationLevel {
  const found = moderationLevels.find((known) => known === (level || 'auto'));
  if (found !== undefined) return found;
  throw new DarkroomError({
    code: 'invalid_argument',
    message: `\`level\` must be one of ${moderationLevels.map((known) => `"${known}"`).join(', ')}`,
    param: 'level',
  });
}
