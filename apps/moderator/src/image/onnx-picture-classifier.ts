import { activate, OnnxSession, PipelineError } from '@darkroom/onnx-pipeline';
import type { Finding } from '../policy/verdict.js';
import { type ClassifierConfig, type ClassifierFolder, openClassifier } from './classifier-folder.js';
import { classifierInput } from './classifier-input.js';
import { decodeImage } from './decode-image.js';
import type { PictureClassifier, PictureFindings } from './picture-classifier.js';
import type { RgbPicture } from './resize.js';

/** Largest difference from its reference's probabilities at which a classifier counts as the one that it says it is. */
const tolerance = 1e-3;

/** Judges pictures with an ONNX model of the operator's choice, by the calibration that comes with it. */
export class OnnxPictureClassifier implements PictureClassifier {
  readonly classifiers: readonly string[];
  readonly calibration: string;
  /** How it is called. */
  readonly name: string;
  readonly #session: OnnxSession;
  readonly #config: ClassifierConfig;

  private constructor(session: OnnxSession, { config, digest }: ClassifierFolder) {
    this.#session = session;
    this.#config = config;
    this.name = config.name;
    this.classifiers = [`${config.name} ${digest}`];
    const thresholds = config.rules.map(({ category, reason, threshold }) => `${category}.${reason} >= ${threshold}`);
    this.calibration = `${config.name}: ${thresholds.join(', ')}`;
  }

  /**
   * Opens and verifies a classifier, and asks it about the pictures it came with.
   *
   * @throws PipelineError `model_damaged` when a file is missing, malformed or not what its digest says, or the answers are not the
   *   reference's.
   */
  static async load(path: string, threads: number): Promise<OnnxPictureClassifier> {
    const folder = await openClassifier(path);
    const session = await OnnxSession.load({ path: folder.modelPath, threads });
    const classifier = new OnnxPictureClassifier(session, folder);
    try {
      await classifier.#checkAgainst(folder.reference);
    } catch (error) {
      await session.close();
      throw error;
    }
    return classifier;
  }

  /** Resolves when the classifier's thread has ended: with the error that killed it, or with undefined after `close`. */
  get ended(): Promise<PipelineError | undefined> {
    return this.#session.ended;
  }

  /**
   * Scores one encoded picture.
   *
   * @throws {DarkroomError} Thrown with `invalid_argument` when it can't be decoded.
   * @throws PipelineError when the classifier fails.
   */
  async classify(image: Uint8Array): Promise<PictureFindings> {
    const { probabilities, kernelMs } = await this.probabilities(await decodeImage(image));
    const findings = this.#config.rules.map(({ category, reason, classes, threshold, severity }): Finding => {
      const sum = classes.reduce((sure, name) => sure + (probabilities.get(name) ?? Number.NaN), 0);
      const isFound = sum >= threshold;
      return {
        category,
        score: Math.min(1, sum),
        severity: isFound ? severity : 0,
        reason: isFound ? `${category}.${reason}` : '',
      };
    });
    return { findings, kernelMs };
  }

  /** Computes the probability of each class for decoded pixels. */
  async probabilities(picture: RgbPicture): Promise<{ probabilities: Map<string, number>; kernelMs: number }> {
    const { input_name, output_name, classes, activation } = this.#config;
    const { outputs, kernelMs } = await this.#session.run({ [input_name]: await classifierInput(picture, this.#config) });
    const values = outputs[output_name]?.data;
    if (values?.length !== classes.length) {
      throw PipelineError.modelDamaged(
        `the image classifier gives ${values?.length ?? 'no'} values for ${classes.length} classes`,
      );
    }
    const probabilities = activate(activation, Array.from(values, Number));
    return { probabilities: new Map(classes.map((name, index) => [name, probabilities[index] ?? Number.NaN])), kernelMs };
  }

  /** Ends the classifier's thread. */
  async close(): Promise<void> {
    await this.#session.close();
  }

  async #checkAgainst(reference: ClassifierFolder['reference']): Promise<void> {
    for (const { name, png, probabilities: expected } of reference) {
      const { probabilities } = await this.probabilities(await decodeImage(Buffer.from(png, 'base64')));
      const differences = [...probabilities.values()].map((value, index) => Math.abs(value - (expected[index] ?? Number.NaN)));
      // Written so that a difference which is no number fails too.
      if (!differences.every((difference) => difference <= tolerance)) {
        throw PipelineError.modelDamaged(
          `the image classifier doesn't compute what it should: for its picture "${name}" it is off by ${Math.max(...differences)}`,
        );
      }
    }
  }
}
