import type { Finding } from '../policy/verdict.js';

/** What a picture was found to be. */
export interface PictureFindings {
  readonly findings: readonly Finding[];
  /** Milliseconds inside a model's kernels; 0 where none ran here. */
  readonly kernelMs: number;
}

/** Judges pictures; several may stand side by side, and each of them can refuse. */
export interface PictureClassifier {
  /** What judges, each with its version or digest, for verdicts. */
  readonly classifiers: readonly string[];
  /** From which probability on it finds what, where it has thresholds, for verdicts. */
  readonly calibration?: string | undefined;

  /**
   * Judges one encoded picture.
   *
   * @throws {DarkroomError} Thrown with `invalid_argument` when it can't be decoded.
   */
  classify(image: Uint8Array): Promise<PictureFindings>;

  /** Ends what it holds. */
  close?(): Promise<void>;
}
