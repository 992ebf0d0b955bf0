import { setTimeout as sleep } from 'node:timers/promises';
import { atLeast, atMost, type Figure, median, plain } from '../figures.js';
import { seededRandom } from '../random.js';
import { keepBusy, replay } from './replay.js';
import { type EngineRun, type Measured, progress } from './run.js';
import { jainIndex, percentile } from './statistics.js';
import { mixedJobs, poissonArrivals } from './workload.js';

const quiet = Array.from({ length: 9 }, (_, i) => `quiet ${i + 1}`);
const flood = 'flood';

/** Jobs that the flooding tenant has with the engine at all times. */
const floodJobs = 40;
/** The same of each quiet tenant where all want more than their share. */
const hungryJobs = 4;
/** Time before the window: within the engine's slack, a second of compute, whoever came first has had more. */
const settleMs = 4000;
/** Load of the nine together where they want less: each half of the tenth that is its share. */
const quietLoad = 0.45;

/**
 * One tenant floods, nine don't. Where all ten always want more than a tenth, their shares should be equal; where the nine want less, they
 * should hardly notice the flood.
 */
export async function fairness(run: EngineRun, { capacity }: Measured): Promise<Figure[]> {
  return [...(await shares(run)), ...(await patience(run, capacity))];
}

/** Jain's index over the kernel milliseconds that each of ten tenants received in a window in which none's work was done. */
async function shares(run: EngineRun): Promise<Figure[]> {
  const { bed, plan } = run;
  const indices: number[] = [];
  const floodShares: number[] = [];
  for (let repeat = 0; repeat < plan.repeats; repeat++) {
    progress(run, 'ten hungry tenants', repeat);
    const random = seededRandom(300 + repeat);
    const received = new Map<string, number>();
    const over = new AbortController();
    const busy = [flood, ...quiet].map((tenant) => {
      const submit = async (job: Parameters<typeof bed.make>[0]) => {
        await bed.make(job, {
          signal: over.signal,
          onStep: ({ kernelMs }) => received.set(tenant, (received.get(tenant) ?? 0) + kernelMs),
        });
      };
      return keepBusy(submit, mixedJobs(random, [tenant]), tenant === flood ? floodJobs : hungryJobs, over.signal);
    });
    await sleep(settleMs * plan.scale);
    const before = new Map(received);
    await sleep(16_000 * plan.scale);
    const shared = [flood, ...quiet].map((tenant) => (received.get(tenant) ?? 0) - (before.get(tenant) ?? 0));
    over.abort();
    await Promise.all(busy);
    indices.push(jainIndex(shared));
    floodShares.push((shared[0] as number) / shared.reduce((sum, share) => sum + share, 0));
  }
  return [
    atLeast("Jain's index over compute received, ten hungry tenants of whom one floods", median(indices), '', 0.95),
    plain('share of compute of the one that floods (0.1 is a tenth)', median(floodShares), ''),
  ];
}

/** P99 of nine tenants with light Poisson load, with a flood beside them against without. */
async function patience(run: EngineRun, capacity: number): Promise<Figure[]> {
  const { bed, plan, show } = run;
  const results: { without: number[]; with: number[]; floodPerSecond: number }[] = [];
  for (let repeat = 0; repeat < plan.repeats; repeat++) {
    progress(run, 'nine quiet tenants, without and with a flood', repeat);
    const random = seededRandom(400 + repeat);
    const arrivals = poissonArrivals(random, quietLoad * capacity, 10_000 * plan.scale, mixedJobs(random, quiet));
    const served = async () => {
      const { served } = await replay(arrivals, async (job) => void (await bed.make(job)));
      return served.map(({ latencyMs }) => latencyMs);
    };
    const without = repeat % 2 === 0 ? await served() : undefined;
    const over = new AbortController();
    let floods = 0;
    const startMs = performance.now();
    const flooding = keepBusy(
      async (job) => {
        await bed.make(job, { signal: over.signal });
        floods += 1;
      },
      mixedJobs(seededRandom(450 + repeat), [flood]),
      floodJobs,
      over.signal,
    );
    await sleep(1000 * plan.scale);
    const withFlood = await served();
    over.abort();
    await flooding;
    const floodPerSecond = floods / ((performance.now() - startMs) / 1000);
    results.push({ without: without ?? (await served()), with: withFlood, floodPerSecond });
  }
  const at = (share: number, key: 'with' | 'without') => median(results.map((result) => percentile(result[key], share)));
  show(`nine quiet tenants, together ${quietLoad} of capacity, medians, ms`, [
    ['', 'P50', 'P90', 'P99'],
    ...(['without', 'with'] as const).map((key) => [
      `${key} a flood`,
      ...[0.5, 0.9, 0.99].map((share) => at(share, key).toFixed(0)),
    ]),
  ]);
  const ratio = median(results.map((result) => percentile(result.with, 0.99) / percentile(result.without, 0.99)));
  return [
    atMost('P99 of quiet tenants, with a flood / without', ratio, 'x', 1.5),
    plain('what the flood got meanwhile', median(results.map(({ floodPerSecond }) => floodPerSecond)), 'images/s'),
  ];
}
