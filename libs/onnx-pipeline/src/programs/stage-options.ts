import type { ModelOptions } from '../model-options.js';

/** What every stage's worker program needs to start. */
export interface StageOptions extends ModelOptions {
  /** Path of the model folder, whose files have been verified. */
  readonly folderPath: string;
}
