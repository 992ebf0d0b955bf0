/** Worker program: scores texts by windows of hashed n-grams. */
import { tensor } from '@darkroom/tensor';
import { PipelineError } from '../pipeline-error.js';
import { Session, type SessionOptions } from '../session/session.js';
import { HashedNgrams, type HashedNgramsOptions } from '../text/hashed-ngrams.js';
import { serve } from '../worker/serve.js';

/** What the program needs to start. */
export interface TextClassifierOptions extends SessionOptions {
  /** Path of the graph's file: features int64 [batch, length] to probabilities float32 [batch, labels]. */
  readonly path: string;
  readonly inputName: string;
  readonly outputName: string;
  readonly labels: number;
  readonly features: HashedNgramsOptions;
}

/** What texts were found to be. */
export interface TextScores {
  /** Of each label, the highest probability in any window; 0 where there are no words. */
  readonly probabilities: readonly number[];
  /** Milliseconds inside ONNX Runtime. */
  readonly kernelMs: number;
}

/** What the program offers. */
export type TextClassifierMethods = {
  score: { args: readonly string[]; result: TextScores; event: never };
};

/** Windows in one run: few enough that a long text holds neither much memory nor this thread for long. */
const batchSize = 32;

await serve<TextClassifierMethods, TextClassifierOptions, undefined>(async (options) => {
  const { inputName, outputName, labels } = options;
  const session = await Session.load(options.path, options);
  session.expect('text classifier', [inputName], [outputName]);
  const ngrams = new HashedNgrams(options.features);

  /** Pads windows with 0 to one length. */
  const run = async (windows: readonly number[][]) => {
    const length = Math.max(...windows.map((features) => features.length));
    const ids = new BigInt64Array(windows.length * length);
    windows.forEach((features, row) => {
      features.forEach((feature, column) => {
        ids[row * length + column] = BigInt(feature);
      });
    });
    const { outputs, kernelMs } = await session.run({ [inputName]: tensor('int64', [windows.length, length], ids) });
    const values = outputs[outputName]?.data;
    if (values?.length !== windows.length * labels) {
      throw PipelineError.modelDamaged(`the text classifier gives ${values?.length ?? 'no'} values for ${labels} labels`);
    }
    return { values, kernelMs };
  };

  const score = async (texts: readonly string[]): Promise<TextScores> => {
    const probabilities = new Array<number>(labels).fill(0);
    let kernelTime = 0;
    let batch: number[][] = [];
    const flush = async () => {
      const { values, kernelMs } = await run(batch);
      kernelTime += kernelMs;
      values.forEach((value, index) => {
        // A probability that is no number must not be lost in a comparison, so that whoever decides sees it.
        const label = index % labels;
        probabilities[label] = Math.max(probabilities[label] as number, Number(value));
      });
      batch = [];
    };
    for (const text of texts) {
      for (const features of ngrams.windows(text)) {
        batch.push(features);
        if (batch.length === batchSize) await flush();
      }
    }
    if (batch.length > 0) await flush();
    return { probabilities, kernelMs: kernelTime };
  };
  return { ready: undefined, handlers: { score } };
});
