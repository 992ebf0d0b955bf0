import type { LocalConfig, UsablePlatform } from '@darkroom/local';
import type { Figure } from './figures.js';

/** An option whose value is a whole number. */
export type NumberOption = 'requests' | 'kills' | 'seed';

/** What a benchmark may use. */
export interface BenchContext {
  readonly config: LocalConfig;
  readonly signal: AbortSignal;
  /** Writes progress and tables for reading; never the figures. */
  readonly say: (line: string) => void;
  /** Whether to measure once and shortly, for trying. */
  readonly quick: boolean;
  /** Folder for drawings; none are made without. */
  readonly plots: string | undefined;
  /** Names of the parts to run, separated by commas; all unless given. */
  readonly only: string | undefined;
  /** Numbers that were given as options, each a benchmark's own where it wasn't. */
  readonly numbers: Readonly<Partial<Record<NumberOption, number>>>;
  /** Runs a task against the running platform, or against one started for it. */
  readonly withPlatform: <T>(task: (platform: UsablePlatform) => Promise<T>) => Promise<T>;
}

/** One benchmark that `npm run bench -- NAME` can run. */
export interface Benchmark {
  readonly name: string;
  readonly summary: string;
  /** Options that it takes besides `--json`. */
  readonly options?: readonly ('quick' | 'plots' | 'only' | NumberOption)[];
  readonly run: (context: BenchContext) => Promise<Figure[]>;
}
