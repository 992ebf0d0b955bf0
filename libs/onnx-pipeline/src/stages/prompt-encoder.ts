import type { ModelFolder, ModelPart } from '../model-folder.js';
import type { ModelOptions } from '../model-options.js';
import type { EncodedPrompt, PromptEncoderMethods, PromptEncoderReady } from '../programs/prompt-encoder.js';
import { Stage, startStage } from './stage.js';

/** A model's tokenizer and text encoder. The same prompt gives the same bytes. */
export class PromptEncoder extends Stage<PromptEncoderMethods, PromptEncoderReady> {
  /** What the stage reads of a model folder. */
  static readonly parts: readonly ModelPart[] = ['tokenizer', 'text_encoder'];

  /**
   * Verifies and loads the stage into a new worker thread.
   *
   * @throws PipelineError `model_damaged` when a file is not what its digest says, or not what the family reads.
   */
  static async load(folder: ModelFolder, options: ModelOptions): Promise<PromptEncoder> {
    return new PromptEncoder(await startStage('prompt-encoder', folder, PromptEncoder.parts, options));
  }

  /** The most tokens a prompt may have. */
  get maxTokens(): number {
    return this.ready.maxTokens;
  }

  /** Version of ONNX Runtime: another one may round differently. */
  get runtimeVersion(): string {
    return this.ready.runtimeVersion;
  }

  /**
   * Turns a prompt into the tensors the transformer attends to; the empty prompt into those of the unconditional branch.
   *
   * @throws PipelineError `invalid_argument` for "prompt" when it has more than {@link maxTokens} tokens.
   */
  async encode(prompt: string): Promise<EncodedPrompt> {
    return await this.client.call('encode', prompt);
  }

  /** Counts a prompt's tokens, special ones included, however many there are. */
  async countTokens(prompt: string): Promise<number> {
    return await this.client.call('countTokens', prompt);
  }
}
