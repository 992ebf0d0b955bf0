import { indent, readRunRecord, table } from '@darkroom/local';
import type { BenchContext, Benchmark } from './benchmark.js';
import { type TimedGeneration, timedGeneration } from './client.js';
import { atMost, below, type Figure, median, plain } from './figures.js';
import { metric } from './prometheus.js';

const WARM_UP = 3;
const RUNS = 20;
const COLOURS = ['red', 'yellow', 'green', 'blue', 'white'];
const THINGS = ['apple', 'star', 'circle', 'flower', 'car'];

function kernelMs({ receipt }: TimedGeneration): number {
  return receipt.timings.reduce((sum, { kernel_ms }) => sum + kernel_ms, 0);
}

function overheadPercent(run: TimedGeneration): number {
  const kernel = kernelMs(run);
  return ((run.wallMs - kernel) / kernel) * 100;
}

/** Lays out where the time of a median run goes; the last rows are what no stage accounts for. */
function stageTable(runs: readonly TimedGeneration[]): string {
  const stages = runs[0]?.receipt.timings.map(({ stage }) => stage) ?? [];
  const of = (stage: string, pick: 'total_ms' | 'kernel_ms') =>
    median(runs.map((run) => run.receipt.timings.find((timing) => timing.stage === stage)?.[pick] ?? 0));
  const cells = (name: string, total: number, kernel: number) => [
    name,
    total.toFixed(1),
    kernel.toFixed(1),
    (total - kernel).toFixed(1),
  ];
  const rows = stages.map((stage) => cells(stage, of(stage, 'total_ms'), of(stage, 'kernel_ms')));
  const outside = median(runs.map((run) => run.wallMs - run.receipt.timings.reduce((sum, { total_ms }) => sum + total_ms, 0)));
  rows.push(cells('gateway and network', outside, 0));
  rows.push(cells('end to end', median(runs.map(({ wallMs }) => wallMs)), median(runs.map(kernelMs))));
  return table([['stage (medians, ms)', 'time', 'kernels', 'overhead'], ...rows], [1, 2, 3]);
}

async function run(context: BenchContext): Promise<Figure[]> {
  return context.withPlatform(async (platform) => {
    const runs: TimedGeneration[] = [];
    for (let index = 0; index < WARM_UP + RUNS; index++) {
      // Each prompt is new, so that its encoding is work and not a cache hit.
      const thing = THINGS[index % THINGS.length];
      const colour = COLOURS[Math.floor(index / THINGS.length) % COLOURS.length];
      const request = {
        prompt: `a ${colour} ${thing}`,
        seed: index,
        size: '256x256',
        steps: 20,
        guidance_scale: 4,
        response_format: 'b64_json',
      };
      const generation = await timedGeneration(platform, request, context.signal);
      if (index >= WARM_UP) runs.push(generation);
      context.say(
        `${index < WARM_UP ? 'warm-up' : `run ${runs.length}/${RUNS}`}: ${generation.wallMs.toFixed(0)} ms, overhead ${overheadPercent(generation).toFixed(2)} %`,
      );
    }
    context.say(`\n${indent(stageTable(runs))}\n`);
    const denoiser = readRunRecord(context.config.stateDir)?.services.find(({ name }) => name.startsWith('denoiser'))?.httpUrl;
    if (denoiser === undefined) throw new Error('run.json names no denoiser');
    const delay = await metric(denoiser, 'darkroom_event_loop_delay_seconds', { quantile: '0.99' });
    return [
      atMost('overhead, median of 20', median(runs.map(overheadPercent)), '%', 5),
      below('event-loop delay of the denoiser, p99', delay * 1000, 'ms', 20),
      plain('end-to-end time, median', median(runs.map(({ wallMs }) => wallMs)), 'ms'),
      plain('kernel time, median', median(runs.map(kernelMs)), 'ms'),
    ];
  });
}

/** What the platform costs on top of the model's kernels. */
export const overhead: Benchmark = {
  name: 'overhead',
  summary: '(end-to-end time - kernel time) / kernel time, one request at a time, 256x256, 20 steps; and the event-loop delay',
  run,
};
