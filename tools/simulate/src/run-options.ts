import { LocalError } from '@darkroom/local';
import { computeSeconds, fixed, queueLength, type Scaler } from './fleet/scalers.js';
import { orderings } from './orders.js';
import type { SimulationOptions } from './simulation.js';
import { readStepTimes, type StepTimes } from './step-times.js';
import { rateOf } from './studies/study.js';
import { readTrace } from './trace/recorded.js';
import { burst, diurnal, type MixEntry, synthetic, zipfTenants } from './trace/synthetic.js';

/** Options of one run that are numbers: the default, the least, whether it has to be whole, and what it says. */
export const numbers = {
  seconds: [3_600, 1, false, 'length of a synthetic trace'],
  load: [4, 0.001, false, 'work of a synthetic trace on average, in devices'],
  deadline: [30, 0.001, false, 'seconds within which a request has to be done, where the trace does not say'],
  replicas: [4, 1, true, 'devices at the start; for --scaler fixed, always'],
  most: [64, 1, true, 'devices that there are'],
  target: [20, 0.001, false, 'for compute-seconds the latency in seconds, for queue-length the jobs of a replica'],
  'cold-start': [60, 0, false, 'seconds that a replica takes to be ready'],
  'scale-down': [300, 0, false, 'seconds that something asked for keeps the fleet from shrinking'],
  concurrency: [16, 1, true, 'generations that a replica takes at a time'],
  'spot-losses': [0, 0, false, 'devices taken away, for each hour of one'],
  crashes: [0, 0, false, 'processes that crash, for each hour of one'],
  seed: [1, 0, true, 'another one draws another trace'],
} as const;

/** Choices of one run: the first is the default. */
export const choices = {
  scaler: ['compute-seconds', 'queue-length', 'fixed'],
  order: ['fair', 'fifo', 'shortest', 'deadline'],
} as const;

/** What is given on the command line, as text. */
export type Given = Readonly<Partial<Record<string, string | boolean>>>;

/**
 * Makes a run of what is given.
 *
 * @throws {LocalError} Thrown when an option is wrong; the message names it.
 */
export async function runOptions(given: Given): Promise<SimulationOptions> {
  const number = (name: keyof typeof numbers) => readNumber(name, given[name]);
  const times = await readStepTimes(String(given['times'] ?? 'sdxl-h100'));
  const replicas = number('replicas');
  const mostReplicas = Math.max(replicas, number('most'));
  return {
    requests: await requestsOf(String(given['trace'] ?? 'diurnal'), number, times),
    times,
    ordering: orderings[readChoice('order', given['order'])],
    scaler: scalerOf(readChoice('scaler', given['scaler']), number, replicas, mostReplicas),
    admissionSeconds: given['admission'] === true ? 900 : undefined,
    seed: number('seed'),
    replicas,
    mostReplicas,
    coldStartSeconds: number('cold-start'),
    pollSeconds: 15,
    concurrency: number('concurrency'),
    stepOverheadSeconds: 0.0003,
    spotLossesPerHour: number('spot-losses'),
    crashesPerHour: number('crashes'),
  };
}

type Numbers = (name: keyof typeof numbers) => number;

async function requestsOf(trace: string, number: Numbers, times: StepTimes): Promise<SimulationOptions['requests']> {
  if (trace !== 'diurnal' && trace !== 'burst') return await readTrace(trace, number('deadline'));
  // As large as what was measured, and half as wide.
  const widest = Math.sqrt(Math.max(...times.passTimes.map(({ pixels }) => pixels)));
  const mix: readonly MixEntry[] = [widest / 2, widest].flatMap((side) =>
    [8, 20, 50].map((steps) => ({ width: side, height: side, steps, imageCount: 1, share: 1 })),
  );
  const rate = rateOf(number('load'), mix, times);
  const seconds = number('seconds');
  // A sixth of the time eight times as much: 13/6 of the base on average.
  const base = (6 / 13) * rate;
  const shape = trace === 'diurnal' ? diurnal(rate, seconds) : burst(base, 8, seconds / 3, seconds / 2);
  const mostRate = trace === 'diurnal' ? 1.8 * rate : 8 * base;
  const deadlines = [number('deadline')];
  return synthetic({ seed: number('seed'), seconds, rate: shape, mostRate, mix, tenants: zipfTenants(20), deadlines });
}

function scalerOf(name: (typeof choices.scaler)[number], number: Numbers, replicas: number, maxReplicas: number): Scaler {
  const settings = { coldStartSeconds: number('cold-start'), utilisation: 0.8, minReplicas: 1, maxReplicas };
  if (name === 'fixed') return fixed(replicas);
  if (name === 'queue-length') return queueLength(number('target'), settings, number('scale-down'), replicas);
  return computeSeconds({ ...settings, latencySeconds: number('target') }, number('scale-down'), replicas);
}

function readNumber(name: keyof typeof numbers, given: string | boolean | undefined): number {
  const [byDefault, least, isWhole] = numbers[name];
  if (given === undefined) return byDefault;
  const value = Number(given);
  if (!(value >= least && value <= 1e7) || (isWhole && !Number.isInteger(value))) {
    throw new LocalError(`--${name} is "${given}": it must be a ${isWhole ? 'whole ' : ''}number from ${least} to 10,000,000.`);
  }
  return value;
}

function readChoice<Name extends keyof typeof choices>(
  name: Name,
  given: string | boolean | undefined,
): (typeof choices)[Name][number] {
  const allowed: readonly string[] = choices[name];
  const chosen = given ?? allowed[0];
  if (allowed.includes(String(chosen))) return chosen as (typeof choices)[Name][number];
  throw new LocalError(`--${name} is "${given}": it must be one of ${allowed.join(', ')}.`);
}
