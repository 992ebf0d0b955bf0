/** Worker program: scores texts by windows. */
import { PipelineError } from '../pipeline-error.js';
import { type Activation, activate } from '../session/activation.js';
import { Session, type SessionOptions } from '../session/session.js';
import { type TextFeaturesOptions, textFeatures } from '../text/features-registry.js';
import { serve } from '../worker/serve.js';

/** What the program needs to start. */
export interface TextClassifierOptions extends SessionOptions {
  /** Path of the graph's file: inputs int64 [batch, length] to float32 [batch, labels]. */
  readonly path: string;
  readonly outputName: string;
  readonly labels: number;
  /** What makes its output probabilities. */
  readonly activation: Activation;
  readonly features: TextFeaturesOptions;
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
  const { outputName, labels, activation } = options;
  const features = textFeatures(options.features);
  const session = await Session.load(options.path, options);
  session.expect('text classifier', [...features.inputs], [outputName]);

  const run = async (windows: readonly (readonly number[])[]) => {
    const { outputs, kernelMs } = await session.run(features.feed(windows));
    const values = Array.from(outputs[outputName]?.data ?? [], Number);
    if (values.length !== windows.length * labels) {
      throw PipelineError.modelDamaged(`the text classifier gives ${values.length} values for ${labels} labels`);
    }
    const rows = windows.map((_, row) => activate(activation, values.slice(row * labels, (row + 1) * labels)));
    return { rows, kernelMs };
  };

  const score = async (texts: readonly string[]): Promise<TextScores> => {
    let probabilities: readonly number[] = new Array<number>(labels).fill(0);
    let kernelTime = 0;
    let batch: (readonly number[])[] = [];
    const flush = async () => {
      const { rows, kernelMs } = await run(batch);
      kernelTime += kernelMs;
      // A probability that is no number must not be lost in a comparison, so that whoever decides sees it.
      for (const row of rows) probabilities = probabilities.map((most, label) => Math.max(most, row[label] ?? Number.NaN));
      batch = [];
    };
    for (const text of texts) {
      for (const window of features.windows(text)) {
        batch.push(window);
        if (batch.length === batchSize) await flush();
      }
    }
    if (batch.length > 0) await flush();
    return { probabilities, kernelMs: kernelTime };
  };
  return { ready: undefined, handlers: { score } };
});
