import type { NoiseSchedule } from '../scheduler.js';
import type { Solver, SolverState } from '../solver.js';

/** What all solvers have in common: the place in the schedule, and the memory they carry from pass to pass. */
export abstract class ScheduleSolver implements Solver {
  readonly passes: number;
  protected readonly schedule: NoiseSchedule;
  /** Buffers by name, kept between passes so that none allocates; `remembered` says which hold something. */
  protected readonly memory: Record<string, Float32Array> = {};
  #pass = 0;

  /** @param passes how often the solver asks for a velocity; once a step unless said otherwise. */
  constructor(schedule: NoiseSchedule, passes = schedule.timesteps.length) {
    this.schedule = schedule;
    this.passes = passes;
  }

  get steps(): number {
    return this.schedule.timesteps.length;
  }

  get pass(): number {
    return this.#pass;
  }

  get isDone(): boolean {
    return this.#pass === this.passes;
  }

  get step(): number {
    return this.#pass;
  }

  get sigma(): number {
    return this.schedule.sigmas[this.level] as number;
  }

  get timestep(): number {
    return this.schedule.timesteps[this.level] ?? 0;
  }

  advance(sample: Float32Array, velocity: Float32Array): void {
    if (this.isDone) {
      throw new RangeError(`all ${this.passes} passes have been made`);
    }
    if (this.remembered().some((name) => this.memory[name]?.length !== sample.length)) {
      throw new RangeError(`the solver's memory is not of this sample's size, ${sample.length}`);
    }
    this.move(sample, velocity);
    this.#pass += 1;
  }

  /** x - sigma * velocity. */
  denoised(sample: Float32Array, velocity: Float32Array): Float32Array {
    return straightToData(sample, velocity, this.sigma, new Float32Array(sample.length));
  }

  snapshot(): SolverState {
    const copies = this.remembered().map((name) => [name, this.memory[name]?.slice()]);
    return { pass: this.#pass, memory: Object.fromEntries(copies) };
  }

  restore({ pass, memory }: SolverState): void {
    if (!Number.isSafeInteger(pass) || pass < 0 || pass > this.passes) {
      throw new RangeError(`pass must be a whole number from 0 to ${this.passes}, not ${pass}`);
    }
    const before = this.#pass;
    this.#pass = pass;
    const names = this.remembered();
    if (Object.keys(memory).sort().join() !== [...names].sort().join()) {
      this.#pass = before;
      throw new RangeError(`after pass ${pass} the memory holds [${names.join(', ')}], not [${Object.keys(memory).join(', ')}]`);
    }
    for (const name of names) {
      this.memory[name] = (memory[name] as Float32Array).slice();
    }
  }

  /** Index of the next pass's noise level in the schedule. */
  protected get level(): number {
    return this.step;
  }

  /** Names of the memory that the next pass needs; depends on the number of passes made alone. */
  protected remembered(): readonly string[] {
    return [];
  }

  /** Makes one pass's part of a step; the pass is counted afterwards. */
  protected abstract move(sample: Float32Array, velocity: Float32Array): void;

  /** Returns the buffer of that name, made at the first call. */
  protected buffer(name: string, length: number): Float32Array {
    const existing = this.memory[name];
    if (existing?.length === length) {
      return existing;
    }
    const made = new Float32Array(length);
    this.memory[name] = made;
    return made;
  }
}

/** Writes where straight paths from the samples end at sigma 0, x - sigma * velocity, to `out`, and returns it. */
export function straightToData(sample: Float32Array, velocity: Float32Array, sigma: number, out: Float32Array): Float32Array {
  for (let i = 0; i < out.length; i++) {
    out[i] = (sample[i] as number) - sigma * (velocity[i] as number);
  }
  return out;
}
