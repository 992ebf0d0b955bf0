import { availableParallelism } from 'node:os';
import {
  type Arrival,
  type CurvePoint,
  type Job,
  kernelCurve,
  type Material,
  mixedJobs,
  mixSides,
  mixSteps,
  openMaterial,
  poissonArrivals,
  replay,
  Testbed,
} from '@darkroom/bench/engine';
import type { BatchEvent } from '@darkroom/onnx-pipeline/engine';
import { seededRandom } from '@darkroom/testing/red-team';
import { fixed } from './fleet/scalers.js';
import { orderings } from './orders.js';
import { Simulation } from './simulation.js';
import { passCosts, type StepTimes } from './step-times.js';
import { rateOf } from './studies/study.js';

/** How far the simulator may be from the engine, as a share of what the engine did. */
const tolerance = 0.1;

/** Work that arrives, in what the engine could do: little, nearly all, more than all. */
const loads = [0.3, 0.8, 1.5];

/** One figure of one trace, as the engine had it and as it was simulated. */
export interface Agreement {
  readonly load: number;
  readonly figure: 'done' | 'seconds for all' | 'mean seconds';
  readonly engine: number;
  readonly simulated: number;
  /** Whether they are within a tenth of one another. */
  readonly holds: boolean;
}

/** What the comparison may know of how it is run. */
export interface AgreementContext {
  /** Root of the checkout, where the model is. */
  readonly root: string;
  readonly seed: number;
  /** Shorter traces, for trying. */
  readonly quick: boolean;
  readonly say: (line: string) => void;
}

/**
 * Runs small traces through the real engine with the pocket model, in real time on this machine, and through the simulator with what passes
 * take on it: by rows as measured just before, and by size as fast as they were during the trace, since machines change their pace, and
 * queues of a busy engine many times as much. Nothing else may run meanwhile.
 */
export async function agreement({ root, seed, quick, say }: AgreementContext): Promise<Agreement[]> {
  const material = await openMaterial(root, availableParallelism());
  say('agreement: what passes take');
  const curve = await passCurve(material, quick ? 4 : 12);
  const bed = await Testbed.open(material);
  try {
    const make = async (job: Job) => void (await bed.make(job));
    const passTimes = curve.map(({ side, rows, msPerRow }) => ({ pixels: side * side, rows, ms: msPerRow * rows }));
    const times: StepTimes = { name: 'pocket, here and now', source: 'this run', passTimes, otherSeconds: 0 };
    const capacity = rateOf(1, mix, times);
    const arrivalsAt = (load: number, seed: number, milliseconds: number) => {
      const random = seededRandom(seed);
      return poissonArrivals(random, load * capacity, milliseconds, mixedJobs(random, ['a', 'b', 'c']));
    };
    const sides = await bucketsOf(bed);
    // Untimed: the engine tries batches of all sizes first, which the simulator does not.
    await replay(arrivalsAt(2, 0, 6_000), make);
    const found: Agreement[] = [];
    for (const [index, load] of loads.entries()) {
      say(`agreement: work for ${load} engines`);
      const arrivals = arrivalsAt(load, seed + index, quick ? 5_000 : 30_000);
      const passes: BatchEvent[] = [];
      const stop = bed.denoiser.onBatch((pass) => passes.push(pass));
      const { served } = await replay(arrivals, make);
      stop();
      const ends = served.map(({ latencyMs }, i) => (arrivals[i] as Arrival).atMs + latencyMs);
      const engine = {
        done: served.filter(({ isMade }) => isMade).length,
        'seconds for all': Math.max(...ends) / 1_000,
        'mean seconds': served.reduce((sum, { latencyMs }) => sum + latencyMs, 0) / served.length / 1_000,
      };
      const outcome = simulate(arrivals, atPaceOf(passes, sides, times), meanOverheadSeconds(passes), seed);
      const simulated = {
        done: outcome.attained + outcome.late,
        'seconds for all': outcome.makespanSeconds,
        'mean seconds': outcome.meanSeconds,
      };
      for (const figure of ['done', 'seconds for all', 'mean seconds'] as const) {
        const holds = Math.abs(simulated[figure] / engine[figure] - 1) <= tolerance;
        found.push({ load, figure, engine: engine[figure], simulated: simulated[figure], holds });
      }
    }
    return found;
  } finally {
    await bed.close();
  }
}

/** Measures passes by rows, on an engine that fills its batches. */
async function passCurve(material: Material, passes: number): Promise<CurvePoint[]> {
  const bed = await Testbed.open(material, { batchRows: 64 });
  try {
    return await kernelCurve(bed, passes);
  } finally {
    await bed.close();
  }
}

/** Tells by an engine's own words for them which side images in a batch have. */
async function bucketsOf(bed: Testbed): Promise<ReadonlyMap<string, number>> {
  const sides = new Map<string, number>();
  for (const side of mixSides) {
    const stop = bed.denoiser.onBatch(({ bucket }) => sides.set(bucket, side));
    await bed.make({ seed: 0, steps: 1, side, tenant: '' });
    stop();
  }
  return sides;
}

/** Makes pass times as much longer or shorter, by size, as passes were than these times say. */
function atPaceOf(passes: readonly BatchEvent[], sides: ReadonlyMap<string, number>, times: StepTimes): StepTimes {
  const costs = passCosts(times);
  const paces = mixSides.map((side): [pixels: number, pace: number] => {
    const own = passes.filter(({ bucket }) => sides.get(bucket) === side);
    const expectedMs = own.reduce((sum, { rows }) => sum + costs.passMs(costs.bucketOf(side * side), rows), 0);
    return [side * side, own.length === 0 ? 1 : own.reduce((sum, { kernelMs }) => sum + kernelMs, 0) / expectedMs];
  });
  const paceOf = new Map(paces);
  return { ...times, passTimes: times.passTimes.map((time) => ({ ...time, ms: time.ms * (paceOf.get(time.pixels) ?? 1) })) };
}

function meanOverheadSeconds(passes: readonly BatchEvent[]): number {
  return passes.reduce((sum, { overheadMs }) => sum + overheadMs, 0) / passes.length / 1_000;
}

/** The mix that jobs are drawn from, each as likely. */
const mix = mixSides.flatMap((side) => mixSteps.map((steps) => ({ width: side, height: side, steps, imageCount: 1, share: 1 })));

/** Runs the trace on one simulated device, which takes all that comes, as the engine by itself does. */
function simulate(arrivals: readonly Arrival[], times: StepTimes, stepOverheadSeconds: number, seed: number) {
  return new Simulation({
    requests: arrivals.map(({ atMs, job: { steps, side, tenant } }, i) => ({
      id: `gen-${i}`,
      atSeconds: atMs / 1_000,
      tenantId: tenant,
      weight: 1,
      priority: 0,
      width: side,
      height: side,
      steps,
      guidanceScale: 4,
      imageCount: 1,
      solver: '',
      strength: 0,
      deadlineSeconds: Number.POSITIVE_INFINITY,
    })),
    times,
    ordering: orderings.fair,
    scaler: fixed(1),
    seed,
    replicas: 1,
    mostReplicas: 1,
    coldStartSeconds: 0,
    pollSeconds: 1e9,
    concurrency: Number.POSITIVE_INFINITY,
    stepOverheadSeconds,
    spotLossesPerHour: 0,
    crashesPerHour: 0,
  }).run();
}
