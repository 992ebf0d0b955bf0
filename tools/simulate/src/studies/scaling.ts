import { computeSeconds, queueLength, type Scaler } from '../fleet/scalers.js';
import { orderings } from '../orders.js';
import type { Outcome, Sample } from '../outcome.js';
import { linePlot, type Series } from '../plots.js';
import type { SimulatedRequest } from '../request.js';
import { Simulation } from '../simulation.js';
import { readStepTimes, type StepTimes } from '../step-times.js';
import { burst, diurnal, type MixEntry, synthetic, zipfTenants } from '../trace/synthetic.js';
import { merged, outcomeCells, outcomeHead, rateOf, type Study, type StudyContext } from './study.js';

/** What people ask for while they watch, and what a program asks for. */
const interactive: readonly MixEntry[] = [
  { width: 512, height: 512, steps: 4, imageCount: 1, share: 4 },
  { width: 1024, height: 1024, steps: 8, imageCount: 1, share: 3 },
  { width: 1024, height: 1024, steps: 28, imageCount: 1, share: 2 },
];
const batch: readonly MixEntry[] = [{ width: 1024, height: 1024, steps: 50, imageCount: 4, share: 1 }];

const latencySeconds = 30;
const coldStartSeconds = 90;
const mostReplicas = 64;
const settings = { coldStartSeconds, utilisation: 0.8, minReplicas: 1, maxReplicas: mostReplicas };
const scaleDownSeconds = 300;
const replicas = 4;

/** Latency targets, and jobs a replica, that the two policies are tried with. */
const latencies = [5, 10, 20, 30, 45];
const lengths = [1, 2, 4, 8, 16, 32];

/** Costs within this are equal. */
const costTolerance = 0.01;

interface Load {
  readonly name: string;
  readonly file: string;
  readonly words: string;
  readonly requests: () => Iterable<SimulatedRequest>;
}

function loads({ quick, seed }: StudyContext, times: StepTimes): Load[] {
  const seconds = quick ? 900 : 3_600;
  const trace = { deadlines: [latencySeconds], seconds, tenants: zipfTenants(20) };
  const people = rateOf(5, interactive, times);
  const program = rateOf(4, batch, times);
  const wave = diurnal(people, seconds);
  const dayOf = (mix: readonly MixEntry[], rate: number, begin: number) =>
    synthetic({ ...trace, seed: begin, mix, rate: diurnal(rate, seconds), mostRate: 1.8 * rate });
  return [
    {
      name: 'a day, the same mix all day',
      file: 'day',
      words: 'a day in an hour, work for 9 devices on average',
      requests: () => dayOf(interactive, (9 / 5) * people, seed),
    },
    {
      name: 'a day, and programs that come and go',
      file: 'changing',
      words:
        'the same day for 5 devices, and a program that asks for 4 images of 50 steps, work for 12 devices, for an eighth of the day, twice',
      requests: () =>
        merged(
          synthetic({ ...trace, seed, mix: interactive, rate: wave, mostRate: 1.8 * people }),
          synthetic({
            ...trace,
            seed: seed + 1,
            mix: batch,
            rate: (at) => (Math.floor(at / (seconds / 8)) % 4 === 2 ? 3 * program : 0),
            mostRate: 3 * program,
          }),
        ),
    },
    {
      name: 'a burst of eight times as much',
      file: 'burst',
      words: 'work for 3 devices, and eight times as much for a sixth of the time',
      requests: () =>
        synthetic({
          ...trace,
          seed,
          mix: interactive,
          rate: burst((3 / 5) * people, 8, seconds / 3, seconds / 2),
          mostRate: (24 / 5) * people,
        }),
    },
  ];
}

/** How many devices there should be: by work, or by the length of the queue. */
export const scaling: Study = {
  name: 'scaling',
  summary: 'replicas by compute-seconds against replicas by queue length, at equal cost',
  run: async (context) => {
    const times = await readStepTimes('sdxl-h100');
    const outcomes: Record<string, Outcome> = {};
    const plots: Record<string, string> = {};
    const rows: string[][] = [];
    const curves: string[][] = [];
    for (const load of loads(context, times)) {
      const run = (scaler: Scaler, onSample?: (sample: Sample) => void) => {
        context.say(`scaling: ${load.name}, ${scaler.name}`);
        const outcome = simulate(load, times, scaler, context.seed, onSample);
        outcomes[`${load.name}; ${scaler.name}`] = outcome;
        return { scaler, outcome };
      };
      const byWork = latencies.map((latency) => run(work(latency)));
      const tryLength = (length: number) => ({ length, ...run(jobs(length)) });
      const byLength = lengths.map(tryLength);
      const samples: Record<'work' | 'length', Sample[]> = { work: [], length: [] };
      const chosen = run(work(latencySeconds), (sample) => samples.work.push(sample));
      const { length } = atCost(chosen.outcome.deviceHours, byLength, tryLength);
      const again = run(jobs(length), (sample) => samples.length.push(sample));
      for (const { scaler, outcome } of [chosen, again])
        rows.push([load.name, scaler.name, ...outcomeCells(outcome).slice(0, 5), String(outcome.mostReplicas)]);
      for (const { scaler, outcome } of [...byWork, ...byLength])
        curves.push([load.name, scaler.name, ...outcomeCells(outcome).slice(0, 4)]);
      plots[`simulated-scaling-${load.file}.svg`] = frontier(load, byWork, byLength);
      plots[`simulated-replicas-${load.file}.svg`] = timeline(load, samples);
    }
    return {
      simulated: true,
      title: 'How many devices',
      setting:
        `${times.name}. A cold start of ${coldStartSeconds} s, a look every 15 s, ${scaleDownSeconds} s before a fleet shrinks, 1 to ${mostReplicas} devices, each request within ${latencySeconds} s. ` +
        `The loads: ${loads(context, times)
          .map(({ name, words }) => `*${name}* is ${words}`)
          .join('; ')}.`,
      tables: [
        {
          caption: `At equal cost: compute-seconds with a target of ${latencySeconds} s, and the queue length that does best for no more device hours, give or take 1 %`,
          head: ['load', 'replicas by', ...outcomeHead.slice(0, 5), 'most devices'],
          rows,
        },
        { caption: 'All that was tried', head: ['load', 'replicas by', ...outcomeHead.slice(0, 4)], rows: curves },
      ],
      plots,
      outcomes,
    };
  },
};

const work = (latency: number) => computeSeconds({ ...settings, latencySeconds: latency }, scaleDownSeconds, replicas);
const jobs = (length: number) => queueLength(length, settings, scaleDownSeconds, replicas);

function simulate(load: Load, times: StepTimes, scaler: Scaler, seed: number, onSample?: (sample: Sample) => void): Outcome {
  return new Simulation({
    requests: load.requests(),
    times,
    ordering: orderings.fair,
    scaler,
    seed,
    replicas,
    mostReplicas,
    coldStartSeconds,
    pollSeconds: 15,
    concurrency: 16,
    stepOverheadSeconds: 0.0003,
    spotLossesPerHour: 0,
    crashesPerHour: 0,
    ...(onSample === undefined ? {} : { onSample }),
  }).run();
}

interface Tried {
  readonly length: number;
  readonly outcome: Outcome;
}

/**
 * Finds the jobs a replica with which most requests are in time among those that cost no more, give or take a hundredth: of all that were
 * tried, and of those that halving an interval comes by on its way to that cost. More cost does not always buy more, so the nearest in cost
 * need not be the best.
 */
function atCost(deviceHours: number, tried: readonly Tried[], run: (length: number) => Tried): Tried {
  const all = [...tried];
  let [low, high] = [0.5, 64];
  for (let i = 0; i < 6; i += 1) {
    const one = run(Math.sqrt(low * high));
    all.push(one);
    if (Math.abs(one.outcome.deviceHours / deviceHours - 1) < costTolerance) break;
    // Fewer jobs a replica are more replicas.
    if (one.outcome.deviceHours > deviceHours) low = one.length;
    else high = one.length;
  }
  const affordable = all.filter(({ outcome }) => outcome.deviceHours <= (1 + costTolerance) * deviceHours);
  const cheapest = all.reduce((a, b) => (b.outcome.deviceHours < a.outcome.deviceHours ? b : a));
  return affordable.reduce((a, b) => (b.outcome.attainment > a.outcome.attainment ? b : a), affordable[0] ?? cheapest);
}

function frontier(load: Load, ...policies: { readonly outcome: Outcome }[][]): string {
  const series = policies.map((runs, i): Series => {
    const points = runs.map(({ outcome }) => [outcome.deviceHours, 100 * outcome.attainment] as const);
    return {
      name: i === 0 ? 'by compute-seconds' : 'by queue length',
      points: points.toSorted(([a], [b]) => a - b),
      isMarked: true,
    };
  });
  return linePlot(`deadlines met by cost, ${load.name}`, { label: 'device hours' }, { label: 'in time, %', most: 100 }, series);
}

function timeline(load: Load, samples: Record<'work' | 'length', Sample[]>): string {
  const minutes = (list: readonly Sample[], value: (sample: Sample) => number) =>
    list.map((sample) => [sample.atSeconds / 60, value(sample)] as const);
  return linePlot(`devices by time at equal cost, ${load.name}`, { label: 'minutes' }, { label: 'devices', least: 0 }, [
    { name: 'by compute-seconds', points: minutes(samples.work, ({ replicas: count }) => count) },
    { name: 'by queue length', points: minutes(samples.length, ({ replicas: count }) => count) },
    { name: 'work that arrives a second', points: minutes(smooth(samples.work), ({ arriving }) => arriving) },
  ]);
}

/** Means of four samples: a minute. */
function smooth(samples: readonly Sample[]): Sample[] {
  return samples.map((sample, i) => {
    const near = samples.slice(Math.max(0, i - 3), i + 1);
    return { ...sample, arriving: near.reduce((sum, { arriving }) => sum + arriving, 0) / near.length };
  });
}
