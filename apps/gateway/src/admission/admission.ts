import { DarkroomError, type GenerationJob, type ModerationNotice } from '@darkroom/contracts';
import type { ImageGenerationRequest } from '@darkroom/contracts/http';
import { Metrics } from '@darkroom/service-kit';
import { Injectable } from '@nestjs/common';
import type { AdmittedJob } from '../queue/generation-jobs.js';
import { RedisCommands } from '../queue/redis.provider.js';
import { type JudgedFor, Moderation } from './moderation.js';
import { PromptLength } from './prompt-length.js';
import { type PlaceOptions, QueueAdmission } from './queue-admission.js';

/** For whom a request is, and until when it is wanted. */
export interface CheckOptions {
  readonly judgedFor: JudgedFor;
  readonly signal: AbortSignal;
}

/** Decides whether a valid request may enter the queue. */
@Injectable()
export class Admission {
  private readonly commands: RedisCommands;
  private readonly length: PromptLength;
  private readonly moderation: Moderation;
  private readonly queue: QueueAdmission;

  private readonly refusals;

  constructor(commands: RedisCommands, length: PromptLength, moderation: Moderation, queue: QueueAdmission, metrics: Metrics) {
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
   * Lets a request pass; the cheapest question comes first. Returns what the policy has to say of what it lets pass.
   *
   * @param image the picture that it edits, a PNG; undefined where it edits none.
   * @throws {DarkroomError} Thrown with the reason when it may not enter.
   */
  async check(request: ImageGenerationRequest, image: Buffer | undefined, options: CheckOptions): Promise<ModerationNotice[]> {
    return await this.counting(() => this.ask(request, image, options));
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

  private async ask(
    { prompt, negativePrompt, model, moderation }: ImageGenerationRequest,
    image: Buffer | undefined,
    { judgedFor, signal }: CheckOptions,
  ): Promise<ModerationNotice[]> {
    this.commands.assertReachable();
    await this.length.check('prompt', prompt, model.id, signal);
    await this.length.check('negative_prompt', negativePrompt, model.id, signal);
    this.queue.prepare(model.id);
    // A looser level spares prompts that speak of nobody who needs shelter; whom a picture shows, nobody knows.
    const options = { judgedFor, level: image === undefined ? moderation : ('auto' as const), signal };
    const ofPrompts = await Promise.all([
      this.moderation.checkPrompt('prompt', prompt, options),
      this.moderation.checkPrompt('negative_prompt', negativePrompt, options),
    ]);
    const ofPicture = image && (await this.moderation.checkPicture(image, options));
    return [...ofPrompts, ofPicture].filter((notice) => notice !== undefined);
  }
}
