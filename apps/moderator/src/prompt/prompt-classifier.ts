import type { Finding } from '../policy/verdict.js';
import type { Exemptions } from './exemptions.js';

/** What a classifier makes of a prompt. */
export interface PromptFindings {
  readonly findings: readonly Finding[];
  /** Whether the prompt speaks of somebody about whom no level is loose. */
  readonly isStrict: boolean;
}

/** Judges prompts; several may stand one after another, and each of them can refuse. */
export interface PromptClassifier {
  /** What judges, each with its version or digest, for verdicts. */
  readonly classifiers: readonly string[];
  /** From which probability on it finds what, where it has thresholds, for verdicts. */
  readonly calibration?: string | undefined;

  /**
   * Judges a whole prompt, however long.
   *
   * @param exemptions words that count for nothing in a category; none when left out.
   */
  classify(prompt: string, exemptions?: Exemptions): Promise<PromptFindings>;

  /** Ends what it holds. */
  close?(): Promise<void>;
}
