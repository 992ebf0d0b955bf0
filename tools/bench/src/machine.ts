import { availableParallelism, cpus, totalmem } from 'node:os';

/** Describes the machine that figures were measured on, since they mean little without it. */
export function machine(): string {
  const model = cpus()[0]?.model.trim() ?? 'unknown processor';
  return `${availableParallelism()} cores of ${model}, ${(totalmem() / 2 ** 30).toFixed(0)} GiB of memory, Node ${process.versions.node}, ${process.platform}-${process.arch}`;
}
