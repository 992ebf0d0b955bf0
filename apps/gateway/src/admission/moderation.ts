import {
  DarkroomError,
  type ModerationContext,
  type ModerationNotice,
  type ModerationStage,
  noticeOf,
  type Verdict,
} from '@darkroom/contracts';
import type { ModerationLevel } from '@darkroom/contracts/http';
import { Metrics } from '@darkroom/service-kit';
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

/** What the moderator answers. */
type Asked = Promise<{ readonly verdict: Verdict | undefined }>;

/** Asks the moderator about what comes in before anything is spent on it; without a verdict nothing passes. */
@Injectable()
export class Moderation {
  private readonly neighbours: Neighbours;
  private readonly missing;

  constructor(neighbours: Neighbours, metrics: Metrics) {
    this.neighbours = neighbours;
    this.missing = metrics.counter({
      name: 'darkroom_verdicts_missing_total',
      help: 'Prompts and pictures of requests that were turned away since there was no verdict on them.',
    });
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
    return await this.passing(param, param, this.neighbours.moderator.moderatePrompt({ prompt, level, context }, { signal }));
  }

  /**
   * Lets a picture pass that is to be edited, a PNG, and returns what is to be told of it all the same.
   *
   * @throws {DarkroomError} Thrown as {@link checkPrompt} throws it.
   */
  async checkPicture(image: Buffer, { judgedFor, level, signal }: JudgeOptions): Promise<ModerationNotice | undefined> {
    const context = contextOf(judgedFor, 'input_image');
    const asked = this.neighbours.moderator.moderateImage({ image, level, context, blur: false }, { signal });
    return await this.passing('image', 'input_image', asked);
  }

  private async passing(param: string, stage: ModerationStage, asked: Asked): Promise<ModerationNotice | undefined> {
    const noVerdict = `the ${param.replace('_', ' ')} can not be moderated at the moment; nothing was started`;
    const { verdict } = await asked.catch((error: unknown) => {
      const told = notTheirFault(error, ['cancelled'], noVerdict);
      if (told.code !== 'cancelled') this.missing.inc();
      throw told;
    });
    if (verdict === undefined) {
      this.missing.inc();
      throw new DarkroomError({ code: 'unavailable', message: noVerdict, retryAfterSeconds: 2 });
    }
    if (verdict.allowed) return noticeOf(verdict, stage);
    throw new DarkroomError({
      code: 'content_policy_violation',
      message: `\`${param}\` was refused by the content policy; category: ${verdict.category}`,
      param,
      category: verdict.category,
      decisionId: verdict.decisionId || undefined,
    });
  }
}

function contextOf(judgedFor: JudgedFor, stage: ModerationStage): ModerationContext {
  return { ...judgedFor, stage, image: 0 };
}
