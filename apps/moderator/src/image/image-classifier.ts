import { OnnxSession, PipelineError } from '@darkroom/onnx-pipeline';
import { tensor } from '@darkroom/tensor';
import type { Policy } from '../policy/policy.js';
import type { Finding } from '../policy/verdict.js';
import { type ClassifierFolder, openClassifier } from './classifier-folder.js';
import { decodeImage } from './decode-image.js';
import { type RgbPicture, resizeForClassifier } from './resize.js';

/** Largest difference from the original's probabilities at which the converted classifier counts as the same. */
const tolerance = 1e-3;

/** What a picture was found to be. */
export interface ImageFindings {
  readonly findings: Finding[];
  readonly kernelMs: number;
}

/** Judges pictures with the converted nsfwjs model, by the policy's thresholds. */
export class ImageClassifier {
  /** What judges, for verdicts. */
  readonly classifiers: readonly string[];
  readonly #session: OnnxSession;
  readonly #config: ClassifierFolder['config'];
  readonly #rules: Policy['image'];

  private constructor(session: OnnxSession, { config, digest }: ClassifierFolder, rules: Policy['image']) {
    this.#session = session;
    this.#config = config;
    this.#rules = rules;
    this.classifiers = [`moderation-nsfw ${digest}`];
  }

  /**
   * Opens and verifies a classifier, and asks it about the pictures it came with.
   *
   * @throws PipelineError `model_damaged` when a file is not what its digest says, or the answers are not the original's.
   * @throws Error when the policy names a class that the classifier doesn't have.
   */
  static async load(path: string, { image: rules }: Policy, threads: number): Promise<ImageClassifier> {
    const folder = await openClassifier(path);
    for (const name of rules.rules.flatMap(({ classes }) => classes)) {
      if (!folder.config.classes.includes(name)) {
        throw new Error(`the policy names the image class "${name}"; the classifier has ${folder.config.classes.join(', ')}`);
      }
    }
    const session = await OnnxSession.load({ path: folder.modelPath, threads });
    const classifier = new ImageClassifier(session, folder, rules);
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
   * Scores one encoded picture by the policy's categories.
   *
   * @throws {DarkroomError} Thrown with `invalid_argument` when it can't be decoded.
   * @throws PipelineError when the classifier fails.
   */
  async classify(image: Uint8Array): Promise<ImageFindings> {
    const { probabilities, kernelMs } = await this.probabilities(await decodeImage(image));
    const score = (classes: readonly string[]) =>
      Math.min(
        1,
        classes.reduce((sum, name) => sum + (probabilities.get(name) ?? Number.NaN), 0),
      );
    const findings = this.#rules.rules.map(({ category, reason, classes, threshold, severity }): Finding => {
      const sure = score(classes);
      const isFound = sure >= threshold;
      return { category, score: sure, severity: isFound ? severity : 0, reason: isFound ? `${category}.${reason}` : '' };
    });
    return { findings, kernelMs };
  }

  /** Computes the probability of each class for decoded pixels. */
  async probabilities(picture: RgbPicture): Promise<{ probabilities: Map<string, number>; kernelMs: number }> {
    const { input_name, output_name, input_size: side, classes } = this.#config;
    const pixels = resizeForClassifier(picture, side);
    const { outputs, kernelMs } = await this.#session.run({ [input_name]: tensor('float32', [1, side, side, 3], pixels) });
    const values = outputs[output_name]?.data;
    if (values?.length !== classes.length) {
      throw PipelineError.modelDamaged(
        `the image classifier gives ${values?.length ?? 'no'} values for ${classes.length} classes`,
      );
    }
    return { probabilities: new Map(classes.map((name, index) => [name, Number(values[index])])), kernelMs };
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
