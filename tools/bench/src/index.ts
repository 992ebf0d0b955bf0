export type { BenchContext, Benchmark } from './benchmark.js';
export type { Figure } from './figures.js';
export { benchmarks } from './registry.js';
