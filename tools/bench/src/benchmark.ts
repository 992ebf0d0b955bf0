import type { LocalConfig, UsablePlatform } from '@darkroom/local';
import type { Figure } from './figures.js';

/** What a benchmark may use. */
export interface BenchContext {
  readonly config: LocalConfig;
  readonly signal: AbortSignal;
  /** Writes progress and tables for reading; never the figures. */
  readonly say: (line: string) => void;
  /** Runs a task against the running platform, or against one started for it. */
  readonly withPlatform: <T>(task: (platform: UsablePlatform) => Promise<T>) => Promise<T>;
}

/** One benchmark that `npm run bench -- NAME` can run. */
export interface Benchmark {
  readonly name: string;
  readonly summary: string;
  readonly run: (context: BenchContext) => Promise<Figure[]>;
}
