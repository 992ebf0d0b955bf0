import { DarkroomError } from '@darkroom/contracts';
import type { ImageGenerationRequest } from '@darkroom/contracts/http';
import { Metrics } from '@darkroom/service-kit';
import { Injectable } from '@nestjs/common';
import { RedisCommands } from '../queue/redis.provider.js';
import { PromptLength } from './prompt-length.js';
import { PromptModeration } from './prompt-moderation.js';

/** Decides whether a valid request may enter the queue. */
@Injectable()
export class Admission {
  private readonly commands: RedisCommands;
  private readonly length: PromptLength;
  private readonly moderation: PromptModeration;

  private readonly refusals;

  constructor(commands: RedisCommands, length: PromptLength, moderation: PromptModeration, metrics: Metrics) {
    this.commands = commands;
    this.length = length;
    this.moderation = moderation;
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
    try {
      await this.ask(request, signal);
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
