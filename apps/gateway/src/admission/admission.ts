import { DarkroomError, type GenerationJob } from '@darkroom/contracts';
import type { ImageGenerationRequest } from '@darkroom/contracts/http';
import { Metrics } from '@darkroom/service-kit';
import { Injectable } from '@nestjs/common';
import type { AdmittedJob } from '../queue/generation-jobs.js';
import { RedisCommands } from '../queue/redis.provider.js';
import { PromptLength } from './prompt-length.js';
import { PromptModeration } from './prompt-moderation.js';
import { type PlaceOptions, QueueAdmission } from './queue-admission.js';

/** Decides whether a valid request may enter the queue. */
@Injectable()
export class Admission {
  private readonly commands: RedisCommands;
  private readonly length: PromptLength;
  private readonly moderation: PromptModeration;
  private readonly queue: QueueAdmission;

  private readonly refusals;

  constructor(
    commands: RedisCommands,
    length: PromptLength,
    moderation: PromptModeration,
    queue: QueueAdmission,
    metrics: Metrics,
  ) {
    this.commands = commands;
    this.length = length;
    this.moderation = moderation;
    this.queue = queue;
    this.refusals = metrics.counter({
      name: 'darkroom_admission_refusals_total',
      help: 'Valid requests that were not admitted, by the code of the error.',
      labelNames: ['code'],
    });
  }

  /**
   * Lets a request pass; the cheapest question comes first.
   *
   * @throws {DarkroomError} Thrown with the reason when it may not enter.
   */
  async check(request: ImageGenerationRequest, signal: AbortSignal): Promise<void> {
    await this.counting(() => this.ask(request, signal));
  }

  /**
   * Gives a generation that has passed its place in the queue.
   *
   * @throws {DarkroomError} Thrown with `rate_limited` when it could not be done in time, as {@link QueueAdmission.admit} says.
   */
  async place(job: GenerationJob, options: PlaceOptions): Promise<AdmittedJob> {
    return await this.counting(() => this.queue.admit(job, options));
  }

  private async counting<Result>(work: () => Promise<Result>): Promise<Result> {
    try {
      return await work();
    } catch (error) {
      this.refusals.inc({ code: DarkroomError.from(error).code });
      throw error;
    }
  }

  private async ask({ prompt, negativePrompt, model, moderation }: ImageGenerationRequest, signal: AbortSignal): Promise<void> {
    this.commands.assertReachable();
    await this.length.check('prompt', prompt, model.id, signal);
    await this.length.check('negative_prompt', negativePrompt, model.id, signal);
    await Promise.all([
      this.moderation.check('prompt', prompt, moderation, signal),
      this.moderation.check('negative_prompt', negativePrompt, moderation, signal),
    ]);
  }
}
