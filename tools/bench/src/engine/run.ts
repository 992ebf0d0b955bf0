import type { Figure } from '../figures.js';
import type { CurvePoint } from './kernel-curve.js';
import type { Material, Testbed } from './testbed.js';

/** How much is measured. */
export interface Plan {
  readonly repeats: number;
  /** Factor of all durations: 1, or less for trying. */
  readonly scale: number;
}

/** What every part of the benchmark works with. */
export interface EngineRun {
  readonly material: Material;
  /** The engine as services run it. */
  readonly bed: Testbed;
  readonly plan: Plan;
  readonly signal: AbortSignal;
  readonly say: (line: string) => void;
  /** Prints a table for reading: names first, numbers to the right. */
  readonly show: (title: string, rows: readonly (readonly string[])[]) => void;
  /** Writes a drawing, if the user asked for them. */
  readonly plot: (name: string, svg: string) => void;
}

/** What the parts after the first two know of the machine. */
export interface Measured {
  readonly curve: readonly CurvePoint[];
  /** Jobs of the mix a second that step-level batching makes at saturation. */
  readonly capacity: number;
  /** The same of request-level batching, of the kind that makes fewer. */
  readonly requestLevelCapacity: number;
}

/** What one part of the benchmark found. */
export type Part = (run: EngineRun, measured: Measured) => Promise<Figure[]>;

/** Shows how often of how often, so that a long run can be followed. */
export function progress({ say, signal, plan }: EngineRun, what: string, repeat: number): void {
  signal.throwIfAborted();
  say(`  ${what}: ${repeat + 1} of ${plan.repeats}`);
}

/** Puts the members of a list in another order each time, so that none always has the machine first. */
export function rotated<Value>(values: readonly Value[], by: number): Value[] {
  const at = by % values.length;
  return [...values.slice(at), ...values.slice(0, at)];
}
