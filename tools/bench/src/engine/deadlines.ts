import { type Figure, median, plain } from '../figures.js';
import { seededRandom } from '../random.js';
import { replay, type Served } from './replay.js';
import { type EngineRun, type Measured, progress } from './run.js';
import { type Job, mixedJobs, mixSides, mixSteps, poissonArrivals } from './workload.js';

const loads: readonly number[] = [0.5, 0.8, 1, 1.2];
/** Deadlines as multiples of what a job takes when it has the engine for itself; one half of the jobs each. */
const slacks: readonly number[] = [1.5, 3];

type Share = { readonly [policy in 'edf' | 'fifo']: readonly number[] };

/**
 * Compares the shares of jobs that meet their deadline: the engine told of deadlines (earliest first, the hopeless give way and end) against
 * the same engine not told (first come, first served), on the same traces.
 */
export async function deadlines(run: EngineRun, { capacity }: Measured): Promise<Figure[]> {
  const { bed, plan } = run;
  const solo = new Map<string, number>();
  const kind = ({ side, steps }: Pick<Job, 'side' | 'steps'>) => `${side} ${steps}`;
  for (const side of mixSides) {
    for (const steps of mixSteps) solo.set(kind({ side, steps }), await bed.soloMs(side, steps, 3));
  }
  const slackOf = ({ seed }: Job) => slacks[seed % slacks.length] as number;
  const allowedMs = (job: Job) => slackOf(job) * (solo.get(kind(job)) as number);
  const met = (served: readonly Served[]) =>
    slacks.map((slack) => {
      const group = served.filter(({ job }) => slackOf(job) === slack);
      return group.filter(({ job, isMade, latencyMs }) => isMade && latencyMs <= allowedMs(job)).length / group.length;
    });

  const rows: string[][] = [];
  const figures: Figure[] = [];
  for (const load of loads) {
    const results: Share[] = [];
    for (let repeat = 0; repeat < plan.repeats; repeat++) {
      progress(run, `deadlines at load ${load}`, repeat);
      const random = seededRandom(500 + repeat);
      const arrivals = poissonArrivals(random, load * capacity, 5000 * plan.scale, mixedJobs(random));
      const serve = async (isTold: boolean) => {
        const { served } = await replay(arrivals, async (job) => {
          const deadlineMs = isTold ? Date.now() + allowedMs(job) : undefined;
          await bed.make(job, {}, { deadlineMs });
        });
        return met(served);
      };
      const first = await serve(repeat % 2 === 0);
      const second = await serve(repeat % 2 !== 0);
      results.push(repeat % 2 === 0 ? { edf: first, fifo: second } : { edf: second, fifo: first });
    }
    const of = (policy: keyof Share, slack: number) => median(results.map((result) => result[policy][slack] as number));
    rows.push([String(load), ...slacks.flatMap((_, slack) => [of('edf', slack), of('fifo', slack)].map((x) => x.toFixed(2)))]);
    for (const policy of ['edf', 'fifo'] as const) {
      const both = median(results.map((result) => (result[policy].reduce((sum, x) => sum + x, 0) / slacks.length) * 100));
      figures.push(plain(`deadlines met at load ${load}, ${policy}`, both, '%'));
    }
  }
  run.show('share of deadlines met, medians', [
    ['load', ...slacks.flatMap((slack) => [`${slack} x solo, EDF`, `${slack} x solo, FIFO`])],
    ...rows,
  ]);
  return figures;
}
