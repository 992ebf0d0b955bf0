import { type CanaryJudgement, type CanaryThresholds, judgeCanary, type Outcomes } from '@darkroom/canary-policy';
import type { ErrorCode } from '@darkroom/contracts';
import { countFinished, redisUnavailable } from '@darkroom/service-kit/queue';
import { Injectable } from '@nestjs/common';
import { GenerationQueues } from '../queue/generation-queues.js';
import type { CanaryRow } from './canary.repository.js';

/** How far a look goes back. */
export const WINDOW_MS = 30 * 60_000;

/** Failures of one revision that are read, the latest ones. */
const MOST_FAILURES = 5_000;

/** Failures that are a revision's own; others are its client's, or of a service that was away. */
const defects: readonly ErrorCode[] = ['internal', 'model_damaged', 'worker_lost'];

/** Knows how generations of a model and of its canary have ended lately, from their queues. */
@Injectable()
export class RevisionOutcomes {
  private readonly queues: GenerationQueues;

  constructor(queues: GenerationQueues) {
    this.queues = queues;
  }

  /**
   * Counts how a model's generations have ended since a moment.
   *
   * @throws {DarkroomError} Thrown with `unavailable` while Redis is away.
   */
  async of(model: string, sinceMs: number): Promise<Outcomes> {
    try {
      const { succeeded, errors } = await countFinished(this.queues.redis, this.queues.of(model), sinceMs, MOST_FAILURES);
      const failed = errors.filter(({ code }) => defects.includes(code)).length;
      const refused = errors.filter(({ code }) => code === 'content_policy_violation').length;
      return { ended: succeeded + failed + refused, failed, refused };
    } catch (error) {
      throw redisUnavailable(error);
    }
  }

  /** Judges a canary by what has ended within the last half hour, and since it is watched. */
  async judge(
    { model, revision, watchedFrom, ...thresholds }: Pick<CanaryRow, 'model' | 'revision' | 'watchedFrom'> & CanaryThresholds,
    nowMs = Date.now(),
  ): Promise<{ readonly stable: Outcomes; readonly canary: Outcomes; readonly judgement: CanaryJudgement }> {
    const sinceMs = Math.max(watchedFrom.getTime(), nowMs - WINDOW_MS);
    const [stable, canary] = await Promise.all([this.of(model, sinceMs), this.of(revision, sinceMs)]);
    return { stable, canary, judgement: judgeCanary(stable, canary, thresholds) };
  }
}
