import type { ModerationNotice } from '../generated/darkroom/generation/v1/generation.js';
import type { Verdict } from '../generated/darkroom/moderation/v1/moderator.js';
import type { ModerationStage } from './stages.js';

/** Gives what is to be told of a verdict that lets something pass; undefined where there is nothing to tell. */
export function noticeOf({ action, category, decisionId }: Verdict, stage: ModerationStage): ModerationNotice | undefined {
  return action === 'warn' || action === 'blur' ? { stage, action, category, decisionId } : undefined;
}
