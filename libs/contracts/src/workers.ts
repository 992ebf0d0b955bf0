import type { PassTime, WorkerReport } from './generated/darkroom/capacity/v1/capacity.js';

/** What is known of a model's workers at one moment. */
export interface Workers {
  /** Reports of those that live. */
  readonly alive: readonly WorkerReport[];
  /** What passes took, as measured by one of them, or by the last one there was; empty when there never was one. */
  readonly passTimes: readonly PassTime[];
}
