/**
 * One sample's way through a schedule: a state machine that asks for one velocity at a time.
 *
 * Whoever drives it runs the transformer on the sample at `timestep`, passes the velocity to `advance`, and repeats until
 * `isDone`. It holds no reference to the sample, so the sample may move between passes, to another batch or machine.
 */
export interface Solver {
  /** Noise levels to leave behind in all. */
  readonly steps: number;
  /** Passes of the transformer in all; more than steps for solvers that look twice. */
  readonly passes: number;
  /** Steps finished. */
  readonly step: number;
  /** Passes made. */
  readonly pass: number;
  readonly isDone: boolean;
  /** Noise level of the next pass; 0 when done. */
  readonly sigma: number;
  /** What the transformer is told at the next pass; 0 when done. */
  readonly timestep: number;
  /**
   * Takes the velocity at the sample and moves the sample on, in place.
   *
   * @param sample float32, any shape; at the noise level sigma when called, at the next pass's on return.
   * @param velocity float32 of the same shape: the transformer's prediction at (sample, timestep). Not kept, not changed.
   * @throws RangeError when the solver is done, or was restored from a sample of another size.
   */
  advance(sample: Float32Array, velocity: Float32Array): void;
  /**
   * Estimates the clean data from where the sample is now: where its path would end if it went on straight.
   *
   * @param sample float32, any shape, at the noise level sigma.
   * @param velocity float32 of the same shape: the transformer's prediction there, or the last one made.
   * @returns float32 of the same shape; a copy of the sample when done.
   */
  denoised(sample: Float32Array, velocity: Float32Array): Float32Array;
  /** Copies everything besides the sample that going on needs: a restored solver continues with the same bits. */
  snapshot(): SolverState;
  /**
   * Takes up a state that a solver of the same kind on the same schedule has left.
   *
   * @throws RangeError when such a solver can't have left it.
   */
  restore(state: SolverState): void;
}

/** What a solver knows besides the sample. */
export interface SolverState {
  /** Passes made. */
  readonly pass: number;
  /** float32 arrays of the sample's size, by name; which there are depends on the solver and the pass alone. */
  readonly memory: Readonly<Record<string, Float32Array>>;
}
