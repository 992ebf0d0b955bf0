import { atMost, type Figure, median, plain } from '../figures.js';
import { seededRandom } from '../random.js';
import { stepLevel } from './dispatch.js';
import { latencyPlot } from './plots.js';
import { type Replayed, replay } from './replay.js';
import { type EngineRun, type Measured, progress, rotated } from './run.js';
import { policies } from './saturation.js';
import { mean, percentile } from './statistics.js';
import { mixedJobs, poissonArrivals } from './workload.js';

/** How one policy did on one trace. */
interface Result {
  readonly perSecond: number;
  readonly mean: number;
  readonly p50: number;
  readonly p90: number;
  readonly p99: number;
}

const load = 0.8;

function summary({ served, perSecond }: Replayed): Result {
  const latencies = served.map(({ latencyMs }) => latencyMs);
  const at = (share: number) => percentile(latencies, share);
  return { perSecond, mean: mean(latencies), p50: at(0.5), p90: at(0.9), p99: at(0.99) };
}

/**
 * Compares latencies under Poisson arrivals of the mix, every policy on the same traces, at 0.8 of two capacities: step-level batching's,
 * and that of request-level batching of mixed steps, at which it keeps up too.
 */
export async function latency(run: EngineRun, { capacity, requestLevelCapacity }: Measured): Promise<Figure[]> {
  const own = await compare(run, load * capacity, () => true);
  const figures = report(run, "step-level's capacity", own, (name, value) => atMost(name, value, 'x', 0.5));
  run.plot('latency.svg', latencyPlot(`Latency at ${load} of step-level's capacity`, percentiles(own)));
  // Without batching the queue would only grow there too.
  const other = await compare(run, load * requestLevelCapacity, (name) => name !== 'none');
  return [...figures, ...report(run, "mixed request-level's capacity", other, (name, value) => plain(name, value, 'x'))];
}

async function compare(run: EngineRun, perSecond: number, wanted: (name: string) => boolean): Promise<Map<string, Result>[]> {
  const { bed, plan } = run;
  const results: Map<string, Result>[] = [];
  for (let repeat = 0; repeat < plan.repeats; repeat++) {
    progress(run, `latency at ${perSecond.toFixed(1)} images/s`, repeat);
    const random = seededRandom(200 + repeat);
    const arrivals = poissonArrivals(random, perSecond, 10_000 * plan.scale, mixedJobs(random));
    const result = new Map<string, Result>();
    const alternatives = (await policies(bed)).filter(({ name }) => wanted(name));
    for (const { name, over } of rotated(alternatives, repeat)) {
      const submit = over((job, computed = job.steps) => bed.makeAmong(job, computed));
      result.set(name, summary(await replay(arrivals, submit)));
    }
    results.push(result);
  }
  return results;
}

function medians(results: readonly Map<string, Result>[], name: string): Result {
  const of = (key: keyof Result) => median(results.map((result) => (result.get(name) as Result)[key]));
  return { perSecond: of('perSecond'), mean: of('mean'), p50: of('p50'), p90: of('p90'), p99: of('p99') };
}

function percentiles(results: readonly Map<string, Result>[]) {
  return namesOf(results).map((name) => ({ name, ...medians(results, name) }));
}

/** By P99, the worst first. */
function namesOf(results: readonly Map<string, Result>[]): string[] {
  const names = [...(results[0] as Map<string, Result>).keys()];
  return names.sort((a, b) => medians(results, b).p99 - medians(results, a).p99);
}

function report(
  { show }: EngineRun,
  where: string,
  results: readonly Map<string, Result>[],
  tailFigure: (name: string, value: number) => Figure,
): Figure[] {
  show(`latency at ${load} of ${where}, medians, ms`, [
    ['policy', 'images/s', 'mean', 'P50', 'P90', 'P99'],
    ...percentiles(results).map(({ name, perSecond, ...times }) => [
      name,
      perSecond.toFixed(2),
      ...[times.mean, times.p50, times.p90, times.p99].map((ms) => ms.toFixed(0)),
    ]),
  ]);
  const ratio = (key: keyof Result, name: string) =>
    median(results.map((result) => (result.get(stepLevel.name) as Result)[key] / (result.get(name) as Result)[key]));
  return namesOf(results)
    .filter((name) => name.startsWith('request-level'))
    .flatMap((name) => [
      tailFigure(`P99 at ${load} of ${where}, step-level / ${name}`, ratio('p99', name)),
      plain(`mean at ${load} of ${where}, step-level / ${name}`, ratio('mean', name), 'x'),
    ]);
}
