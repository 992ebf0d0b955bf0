import type { SessionOptions } from '../session/session.js';

/** What every stage's worker program needs to start. */
export interface StageOptions extends SessionOptions {
  /** Path of the model folder, whose files have been verified. */
  readonly folderPath: string;
}
