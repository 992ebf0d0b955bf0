import { harmCategories } from '@darkroom/contracts';
import { translateErrors } from '@darkroom/model-serving';
import { PipelineError, TextClassifier, type TextFeaturesOptions } from '@darkroom/onnx-pipeline';
import type { Finding } from '../../policy/verdict.js';
import type { PromptClassifier, PromptFindings } from '../prompt-classifier.js';
import { resolveConfusables } from '../views/confusables.js';
import { normalise } from '../views/normalise.js';
import { openTextClassifier, type TextClassifierConfig, type TextClassifierFolder } from './text-classifier-folder.js';

/** Largest difference from its reference's probabilities at which a classifier counts as the one that it says it is. */
const tolerance = 1e-3;

/** Judges prompts with an ONNX model over hashed n-grams or tokens, by the calibration that comes with it. */
export class OnnxTextClassifier implements PromptClassifier {
  readonly classifiers: readonly string[];
  readonly calibration: string;
  readonly #classifier: TextClassifier;
  readonly #config: TextClassifierConfig;

  private constructor(classifier: TextClassifier, { config, digest }: TextClassifierFolder) {
    this.#classifier = classifier;
    this.#config = config;
    this.classifiers = [`${config.name} ${digest}`];
    this.calibration = calibrationOf(config);
  }

  /**
   * Opens and verifies a classifier, and asks it about the texts it came with.
   *
   * @throws PipelineError `model_damaged` when a file is missing, malformed or not what its digest says, or the answers are not the
   *   reference's.
   */
  static async load(path: string): Promise<OnnxTextClassifier> {
    const folder = await openTextClassifier(path);
    const { output_name: outputName, labels, activation } = folder.config;
    const loaded = await TextClassifier.load({
      path: folder.modelPath,
      threads: 1,
      outputName,
      labels: labels.length,
      activation,
      features: featuresOf(folder),
    });
    try {
      await checkAgainst(loaded, folder);
    } catch (error) {
      await loaded.close();
      throw error;
    }
    return new OnnxTextClassifier(loaded, folder);
  }

  /** Resolves when the classifier's thread has ended: with the error that killed it, or with undefined after `close`. */
  get ended(): Promise<PipelineError | undefined> {
    return this.#classifier.ended;
  }

  /**
   * Scores a prompt in lower case without marks, and with look-alike letters resolved; with tokens, as it is written too.
   *
   * @throws {DarkroomError} Thrown with `unavailable` when its thread is dead, or with the code of whatever else went wrong in it.
   */
  async classify(prompt: string): Promise<PromptFindings> {
    const plain = normalise(prompt);
    const resolved = normalise(resolveConfusables(plain));
    const readings = this.#config.features.kind === 'tokens' ? [prompt, plain, resolved] : [plain, resolved];
    const { probabilities } = await translateErrors(this.#classifier.score([...new Set(readings)]));
    // Checked here, since a threshold is never reached by what is no number.
    if (!probabilities.every((sure) => sure >= 0 && sure <= 1)) {
      throw new TypeError(`the text classifier gives ${probabilities.join(', ')}, not all of them between 0 and 1`);
    }
    return { findings: this.#findings(probabilities), isStrict: false };
  }

  /** Ends the classifier's thread. */
  async close(): Promise<void> {
    await this.#classifier.close();
  }

  /** Of each category, the gravest label that is sure enough; without one, the surest of all. */
  #findings(probabilities: readonly number[]): Finding[] {
    const found = harmCategories.map((category): Finding | undefined => {
      const labels = this.#config.labels.flatMap((label, index) =>
        label?.category === category ? [{ ...label, score: probabilities[index] ?? Number.NaN }] : [],
      );
      if (labels.length === 0) return undefined;
      const [gravest] = labels
        .filter(({ score, threshold }) => threshold !== null && score >= threshold)
        .sort((a, b) => b.severity - a.severity);
      return gravest === undefined
        ? { category, score: Math.max(...labels.map(({ score }) => score)), severity: 0, reason: '' }
        : { category, score: gravest.score, severity: gravest.severity, reason: `${category}.classifier` };
    });
    return found.filter((finding) => finding !== undefined);
  }
}

/** Tells the thresholds of each category, of severities 1, 2 and 3 in that order where it has them. */
function calibrationOf({ name, labels }: TextClassifierConfig): string {
  const known = labels.filter((label) => label !== null);
  const thresholds = harmCategories.flatMap((category) => {
    const own = known.filter((label) => label.category === category).sort((a, b) => a.severity - b.severity);
    return own.length === 0 ? [] : [`${category} >= ${own.map(({ threshold }) => threshold ?? 'never').join('/')}`];
  });
  return `${name}: ${thresholds.join(', ')}`;
}

function featuresOf({ config, tokenizer }: TextClassifierFolder): TextFeaturesOptions {
  const { features } = config;
  if (features.kind === 'hashed_ngrams') {
    const { bucket_bits: bucketBits, characters, word_length: wordLength, window, stride } = features;
    return { kind: 'hashed_ngrams', inputName: config.input_name, bucketBits, characters, wordLength, window, stride };
  }
  return {
    kind: 'tokens',
    tokenizer: tokenizer?.tokenizer ?? {},
    tokenizerConfig: tokenizer?.config ?? {},
    window: features.window,
    overlap: features.overlap,
    idsName: features.ids_name,
    maskName: features.mask_name ?? undefined,
    typesName: features.types_name ?? undefined,
  };
}

async function checkAgainst(classifier: TextClassifier, { config, reference }: TextClassifierFolder): Promise<void> {
  for (const { text, probabilities: expected } of reference) {
    const { probabilities } = await classifier.score([config.features.kind === 'tokens' ? text : normalise(text)]);
    const differences = probabilities.map((value, index) => Math.abs(value - (expected[index] ?? Number.NaN)));
    // Written so that a difference which is no number fails too.
    if (!differences.every((difference) => difference <= tolerance)) {
      throw PipelineError.modelDamaged(
        `the text classifier doesn't compute what it should: for its text "${text}" it is off by ${Math.max(...differences)}`,
      );
    }
  }
}
