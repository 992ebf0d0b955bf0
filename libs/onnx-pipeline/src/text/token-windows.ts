import type { NamedTensors } from '@darkroom/tensor';
import { Tokenizer } from '@huggingface/tokenizers';
import { PipelineError } from '../pipeline-error.js';
import { padded, type TextFeatures } from './text-features.js';

/** How texts become tokens: by the tokenizer that a model comes with, in the files that Hugging Face's libraries write. */
export interface TokenWindowsOptions {
  /** The contents of `tokenizer.json` and `tokenizer_config.json`. */
  readonly tokenizer: object;
  readonly tokenizerConfig: object;
  /** Tokens in one window, special ones included, and tokens that a window shares with the one before. */
  readonly window: number;
  readonly overlap: number;
  /** Names of the graph's inputs; undefined where it has no such. */
  readonly idsName: string;
  readonly maskName: string | undefined;
  readonly typesName: string | undefined;
}

/** Any word: it only shows where special tokens stand around it. */
const PROBE = 'a';

/** Reads texts in windows of tokens, each within the special tokens that the model was trained with. */
export class TokenWindows implements TextFeatures {
  readonly inputs: readonly string[];
  readonly #options: TokenWindowsOptions;
  readonly #tokenizer: Tokenizer;
  readonly #before: readonly number[];
  readonly #after: readonly number[];
  readonly #padId: number;

  /** @throws PipelineError `model_damaged` when the tokenizer can't be used. */
  constructor(options: TokenWindowsOptions) {
    this.#options = options;
    this.inputs = [options.idsName, options.maskName, options.typesName].filter((name) => name !== undefined);
    try {
      this.#tokenizer = new Tokenizer(options.tokenizer, options.tokenizerConfig);
    } catch (error) {
      throw PipelineError.modelDamaged(`the tokenizer can't be read: ${String(error)}`, error);
    }
    const { pad_token: padToken } = options.tokenizerConfig as { pad_token?: unknown };
    const padName = typeof padToken === 'string' ? padToken : (padToken as { content?: string } | undefined)?.content;
    // What is padded is masked; where a model has no token for it, any will do.
    this.#padId = (padName === undefined ? undefined : this.#tokenizer.token_to_id(padName)) ?? 0;
    const [bare, whole] = [this.#encode(PROBE, false), this.#encode(PROBE, true)];
    const at = whole.findIndex((_, start) => bare.every((id, index) => whole[start + index] === id));
    if (bare.length === 0 || at < 0) throw PipelineError.modelDamaged('the tokenizer gives no tokens for a word');
    this.#before = whole.slice(0, at);
    this.#after = whole.slice(at + bare.length);
    if (this.#room <= options.overlap) {
      throw PipelineError.modelDamaged(
        `windows of ${options.window} tokens have room for ${this.#room}, and must have more than the ${options.overlap} that they share`,
      );
    }
  }

  *windows(text: string): Generator<number[]> {
    const ids = this.#encode(text, false);
    const step = this.#room - this.#options.overlap;
    for (let start = 0; start < ids.length; start += step) {
      yield [...this.#before, ...ids.slice(start, start + this.#room), ...this.#after];
      if (start + this.#room >= ids.length) return;
    }
  }

  feed(windows: readonly (readonly number[])[]): NamedTensors {
    const { idsName, maskName, typesName } = this.#options;
    const of = (value: number) =>
      padded(
        windows.map((window) => window.map(() => value)),
        0,
      );
    return {
      [idsName]: padded(windows, this.#padId),
      ...(maskName !== undefined && { [maskName]: of(1) }),
      ...(typesName !== undefined && { [typesName]: of(0) }),
    };
  }

  /** Tokens of a text in one window. */
  get #room(): number {
    return this.#options.window - this.#before.length - this.#after.length;
  }

  #encode(text: string, hasSpecial: boolean): number[] {
    return Array.from(this.#tokenizer.encode(text, { add_special_tokens: hasSpecial }).ids, Number);
  }
}
