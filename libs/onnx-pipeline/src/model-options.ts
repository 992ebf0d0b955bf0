import type { Precision } from './model-folder.js';
import type { SessionOptions } from './session/session.js';

/** How a stage of a model is loaded. */
export interface ModelOptions extends SessionOptions {
  /** Which of the model's graphs are loaded; fp32 unless given. The engine's own arithmetic is in float32 with either. */
  readonly precision?: Precision | undefined;
}
