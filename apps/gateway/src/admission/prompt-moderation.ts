import { DarkroomError } from '@darkroom/contracts';
import type { ModerationLevel } from '@darkroom/contracts/http';
import { Injectable } from '@nestjs/common';
import { Neighbours } from '../neighbours/neighbours.js';
import { notTheirFault } from '../neighbours/not-their-fault.js';

const NO_VERDICT = 'the prompt can not be moderated at the moment; nothing was started';

/** Asks the moderator about prompts before anything is spent on them; without a verdict nothing passes. */
@Injectable()
export class PromptModeration {
  private readonly neighbours: Neighbours;

  constructor(neighbours: Neighbours) {
    this.neighbours = neighbours;
  }

  /**
   * Lets one prompt pass, judged as strictly as the level says.
   *
   * @throws {DarkroomError} Thrown with `content_policy_violation` when it is refused, or with `unavailable` when there is no
   *   verdict, whatever the reason.
   */
  async check(param: 'prompt' | 'negative_prompt', prompt: string, level: ModerationLevel, signal: AbortSignal): Promise<void> {
    if (prompt === '') return;
    const { verdict } = await this.neighbours.moderator.moderatePrompt({ prompt, level }, { signal }).catch((error: unknown) => {
      throw notTheirFault(error, ['cancelled'], NO_VERDICT);
    });
    if (verdict === undefined) throw new DarkroomError({ code: 'unavailable', message: NO_VERDICT, retryAfterSeconds: 2 });
    if (!verdict.allowed) {
      throw new DarkroomError({
        code: 'content_policy_violation',
        message: `\`${param}\` was refused by the content policy; category: ${verdict.category}`,
        param,
        category: verdict.category,
      });
    }
  }
}
