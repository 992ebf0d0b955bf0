import { setTimeout as sleep } from 'node:timers/promises';
import { type BatchEvent, PipelineError } from '@darkroom/onnx-pipeline';
import type { Dispatch, Make } from './dispatch.js';
import type { Testbed } from './testbed.js';
import { type Arrival, type Job, rowsPerJob } from './workload.js';

/** One job of a trace that has ended. */
export interface Served {
  readonly job: Job;
  /** Milliseconds from the moment it was to arrive until its latents were there, or until it was given up. */
  readonly latencyMs: number;
  /** False when its deadline passed first. */
  readonly isMade: boolean;
}

/** What became of a trace. */
export interface Replayed {
  readonly served: readonly Served[];
  /** Jobs made by the second, from the first arrival to the last end. */
  readonly perSecond: number;
}

/**
 * Hands jobs over at their times and waits for all of them. Latency counts from the time of the trace, so a driver that falls behind
 * can't hide it.
 */
export async function replay(arrivals: readonly Arrival[], submit: Make): Promise<Replayed> {
  const startMs = performance.now();
  const one = async ({ atMs, job }: Arrival): Promise<Served> => {
    const dueMs = startMs + atMs;
    await sleep(Math.max(0, dueMs - performance.now()));
    const isMade = await submit(job).then(
      () => true,
      (error: unknown) => {
        if (error instanceof PipelineError && error.code === 'deadline_exceeded') return false;
        throw error;
      },
    );
    return { job, latencyMs: performance.now() - dueMs, isMade };
  };
  const served = await Promise.all(arrivals.map(one));
  const seconds = (performance.now() - startMs - (arrivals[0]?.atMs ?? 0)) / 1000;
  return { served, perSecond: served.filter(({ isMade }) => isMade).length / seconds };
}

/** Keeps a number of jobs with the engine at all times, until the signal aborts; then what is unfinished is cancelled. */
export async function keepBusy(submit: Make, draw: () => Job, outstanding: number, signal: AbortSignal): Promise<void> {
  const one = async () => {
    while (!signal.aborted) {
      await submit(draw()).catch((error: unknown) => {
        if (!signal.aborted) throw error;
      });
    }
  };
  await Promise.all(Array.from({ length: outstanding }, one));
}

/** How long a policy is watched at saturation. */
export interface Window {
  /** Jobs that are with it at all times. */
  readonly outstanding: number;
  readonly warmUpMs: number;
  readonly windowMs: number;
}

/** What an engine did at saturation. */
export interface Saturated {
  /** Work done a second of time, as the kernels' own best would take for it: 1 is as fast as kernels can. */
  readonly ofKernels: number;
  /** Share of the time that was spent inside kernels. */
  readonly inKernels: number;
  readonly meanRows: number;
}

/**
 * Measures throughput at saturation, in row-passes of the transformer, each weighed by what the kernels take for one at best; empty rows
 * count nothing.
 *
 * Time runs from the end of one pass to the end of another, so that it holds whole passes alone.
 */
export async function saturate(
  bed: Testbed,
  dispatch: Dispatch,
  draw: () => Job,
  { outstanding, warmUpMs, windowMs }: Window,
  bestMs: ReadonlyMap<string, number>,
): Promise<Saturated> {
  const over = new AbortController();
  const passes: (BatchEvent & { readonly atMs: number; readonly useful: number })[] = [];
  const startMs = performance.now();
  // The engine tells of a pass after it has told of the steps that were made in it.
  let useful = 0;
  const stop = bed.denoiser.onBatch((event) => {
    const atMs = performance.now() - startMs;
    if (atMs >= warmUpMs && atMs <= warmUpMs + windowMs) passes.push({ ...event, atMs, useful });
    useful = 0;
  });
  const submit = dispatch.over((job, computed = job.steps) =>
    bed.makeAmong(job, computed, {
      signal: over.signal,
      onStep: ({ step }) => {
        if (step <= job.steps) useful += rowsPerJob;
      },
    }),
  );
  setTimeout(() => over.abort(), warmUpMs + windowMs);
  await keepBusy(submit, draw, outstanding, over.signal);
  stop();
  const [first, ...counted] = passes;
  const last = counted.at(-1);
  if (first === undefined || last === undefined) throw new Error('the window holds no two passes: it is too short');
  const wallMs = last.atMs - first.atMs;
  const sum = (of: (pass: (typeof passes)[number]) => number) => counted.reduce((total, pass) => total + of(pass), 0);
  return {
    ofKernels: sum(({ useful, bucket }) => useful * (bestMs.get(bucket) ?? Number.NaN)) / wallMs,
    inKernels: sum(({ kernelMs }) => kernelMs) / wallMs,
    meanRows: sum(({ rows }) => rows) / counted.length,
  };
}
