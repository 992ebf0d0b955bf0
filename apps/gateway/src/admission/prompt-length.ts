import { maxPromptTokens, tooManyTokens } from '@darkroom/contracts/http';
import { Injectable } from '@nestjs/common';
import { Neighbours } from '../neighbours/neighbours.js';
import { notTheirFault } from '../neighbours/not-their-fault.js';

// The tokenizers are byte-level: a token is at least one byte, and each end of the text adds one. So a shorter prompt fits.
const SURELY_FITS_BYTES = maxPromptTokens - 2;

/** Refuses prompts that the model's tokenizer makes too many tokens of. */
@Injectable()
export class PromptLength {
  private readonly neighbours: Neighbours;

  constructor(neighbours: Neighbours) {
    this.neighbours = neighbours;
  }

  /**
   * Checks one prompt.
   *
   * @throws {DarkroomError} Thrown with `invalid_argument` when it is too long, or with `unavailable` when nobody can count.
   */
  async check(param: 'prompt' | 'negative_prompt', prompt: string, model: string, signal: AbortSignal): Promise<void> {
    if (Buffer.byteLength(prompt) <= SURELY_FITS_BYTES) return;
    const { tokenCount } = await this.neighbours.promptEncoder
      .countTokens({ model, prompt }, { signal })
      .catch((error: unknown) => {
        throw notTheirFault(error, ['invalid_argument', 'cancelled'], 'a prompt of this length can not be counted at the moment');
      });
    if (tokenCount > maxPromptTokens) throw tooManyTokens(param, tokenCount);
  }
}
