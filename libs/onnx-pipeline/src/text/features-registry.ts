import { HashedNgrams, type HashedNgramsOptions } from './hashed-ngrams.js';
import { padded, type TextFeatures } from './text-features.js';
import { TokenWindows, type TokenWindowsOptions } from './token-windows.js';

/** How a text becomes a graph's inputs. */
export type TextFeaturesOptions =
  | ({ readonly kind: 'hashed_ngrams'; readonly inputName: string } & HashedNgramsOptions)
  | ({ readonly kind: 'tokens' } & TokenWindowsOptions);

/**
 * Makes what reads texts for a graph.
 *
 * @throws PipelineError `model_damaged` when the tokenizer can't be used.
 */
export function textFeatures(options: TextFeaturesOptions): TextFeatures {
  if (options.kind === 'tokens') return new TokenWindows(options);
  const ngrams = new HashedNgrams(options);
  return {
    inputs: [options.inputName],
    windows: (text) => ngrams.windows(text),
    feed: (windows) => ({ [options.inputName]: padded(windows, 0) }),
  };
}
