import {
  DarkroomError,
  type ModerationContext,
  type ModerationNotice,
  type ModerationStage,
  noticeOf,
  type Verdict,
} from '@darkroom/contracts';
import type { ModerationLevel } from '@darkroom/contracts/http';
import { Injectable } from '@nestjs/common';
import { Neighbours } from '../neighbours/neighbours.js';
import { notTheirFault } from '../neighbours/not-their-fault.js';

/** For whom a request is judged, and by which policy. */
export type JudgedFor = Pick<ModerationContext, 'tenantId' | 'keyId' | 'generationId' | 'policyDigest'>;

/** How a request is to be judged: for whom, as strictly as its level says, and until it is wanted no more. */
export interface JudgeOptions {
  readonly judgedFor: JudgedFor;
  readonly level: ModerationLevel;
  readonly signal: AbortSignal;
}

/** Asks the moderator about what comes in before anything is spent on it; without a verdict nothing passes. */
@Injectable()
export class Moderation {
  private readonly neighbours: Neighbours;

  constructor(neighbours: Neighbours) {
    this.neighbours = neighbours;
  }

  /**
   * Lets one prompt pass, and returns what is to be told of it all the same.
   *
   * @throws {DarkroomError} Thrown with `content_policy_violation` when it is refused, or with `unavailable` when there is no
   *   verdict, whatever the reason.
   */
  async checkPrompt(
    param: 'prompt' | 'negative_prompt',
    prompt: string,
    { judgedFor, level, signal }: JudgeOptions,
  ): Promise<ModerationNotice | undefined> {
    if (prompt === '') return undefined;
    const context = contextOf(judgedFor, param);
    return await passing(param, param, this.neighbours.moderator.moderatePrompt({ prompt, level, context }, { signal }));
  }

  /**
   * Lets a picture pass that is to be edited, a PNG, and returns what is to be told of it all the same.
   *
   * @throws {DarkroomError} Thrown as {@link checkPrompt} throws it.
   */
  async checkPicture(image: Buffer, { judgedFor, level, signal }: JudgeOptions): Promise<ModerationNotice | undefined> {
    const context = contextOf(judgedFor, 'input_image');
    const asked = this.neighbours.moderator.moderateImage({ image, level, context, blur: false }, { signal });
    return await passing('image', 'input_image', asked);
  }
}

function contextOf(judgedFor: JudgedFor, stage: ModerationStage): ModerationContext {
  return { ...judgedFor, stage, image: 0 };
}

async function passing(
  param: string,
  stage: ModerationStage,
  asked: Promise<{ readonly verdict: Verdict | undefined }>,
): Promise<ModerationNotice | undefined> {
  const noVerdict = `the ${param.replace('_', ' ')} can not be moderated at the moment; nothing was started`;
  const { verdict } = await asked.catch((error: unknown) => {
    throw notTheirFault(error, ['cancelled'], noVerdict);
  });
  if (verdict === undefined) throw new DarkroomError({ code: 'unavailable', message: noVerdict, retryAfterSeconds: 2 });
  if (!verdict.allowed) {
    throw new DarkroomError({
      code: 'content_policy_violation',
      message: `\`${param}\` was refused by the content policy; category: ${verdict.category}`,
      param,
      category: verdict.category,
      decisionId: verdict.decisionId || undefined,
    });
  }
  return noticeOf(verdict, stage);
}
