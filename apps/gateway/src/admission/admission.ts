import type { ImageGenerationRequest } from '@darkroom/contracts/http';
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

  constructor(commands: RedisCommands, length: PromptLength, moderation: PromptModeration) {
    this.commands = commands;
    this.length = length;
    this.moderation = moderation;
  }

  /**
   * Lets a request pass; the cheapest question comes first.
   *
   * @throws {DarkroomError} Thrown with the reason when it may not enter.
   */
  async check({ prompt, negativePrompt, model }: ImageGenerationRequest, signal: AbortSignal): Promise<void> {
    this.commands.assertReachable();
    await this.length.check('prompt', prompt, model.id, signal);
    await this.length.check('negative_prompt', negativePrompt, model.id, signal);
    await Promise.all([
      this.moderation.check('prompt', prompt, signal),
      this.moderation.check('negative_prompt', negativePrompt, signal),
    ]);
  }
}
