/**
 * The simulator against the real step engine: the same small traces, on a transformer that is a formula and says what its passes took.
 * The engine runs under a clock that stands still but for those times, so nothing here depends on how quick the machine is.
 */
import { createScheduler } from '@darkroom/flow-matching';
import { CostModel, type EngineModel, StepEngine } from '@darkroom/onnx-pipeline/engine';
import { tensor } from '@darkroom/tensor';
import { seededRandom } from '@darkroom/testing/red-team';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { fixed } from './fleet/scalers.js';
import { orderings } from './orders.js';
import type { SimulatedRequest } from './request.js';
import { Simulation } from './simulation.js';
import { passCosts } from './step-times.js';

beforeEach(() => vi.useFakeTimers({ toFake: ['Date', 'performance'], now: 1_000_000 }));
afterEach(() => void vi.useRealTimers());

const sides = [16, 32] as const;
const passTimes = sides.flatMap((side) =>
  [1, 2, 4, 8].map((rows) => ({ pixels: side * side, rows, ms: (side / 16) * (10 + 5 * rows) })),
);
const times = { name: 'a formula', source: 'this spec', passTimes, otherSeconds: 0 };
const costs = passCosts(times);

/** A model whose passes take what the table says, by a clock that this moves on. */
function model(pass: (ms: number) => void): EngineModel {
  const conditioning = { pull: ['batch', 1] } as const;
  return {
    digest: 'sha256:formula',
    latentFormat: {
      sizes: { granularity: 8, minSide: 16, maxSide: 64, maxPixels: 64 * 64 },
      shape: (width, height) => [1, 2, height / 8, width / 8],
      tokens: (width, height) => (width * height) / 64,
    },
    conditioningShapes: conditioning as never,
    transformer: async ({ latents }) => {
      await new Promise(setImmediate);
      const [rows = 0, , height = 0, width = 0] = latents.shape;
      const kernelMs = costs.passMs(costs.bucketOf(64 * width * height), rows);
      pass(kernelMs);
      await new Promise(setImmediate);
      return {
        velocities: tensor(
          'float32',
          latents.shape,
          latents.data.map((x) => 0.3 * x),
        ),
        kernelMs,
      };
    },
    scheduler: (overrides) => createScheduler({ _class_name: 'FlowMatchEulerDiscreteScheduler', shift: 2.5 }, overrides),
  };
}

/** Runs a trace through the real engine and returns when each generation was done, in seconds; undefined for one that was too late. */
async function inEngine(trace: readonly SimulatedRequest[]): Promise<(number | undefined)[]> {
  const startMs = Date.now();
  const coming = [...trace];
  const costModel = new CostModel();
  for (const { pixels, rows, ms } of passTimes) {
    const bucket = `2x${Math.sqrt(pixels) / 8}x${Math.sqrt(pixels) / 8}|1`;
    costModel.open(bucket, pixels / 32, pixels);
    for (let i = 0; i < 4; i += 1) costModel.record(bucket, rows, ms);
  }
  const done: Promise<number | undefined>[] = [];
  const arrive = () => {
    const now = (Date.now() - startMs) / 1_000;
    while ((coming[0]?.atSeconds ?? Number.POSITIVE_INFINITY) <= now) {
      const request = coming.shift() as SimulatedRequest;
      const { solver: _, strength: __, ...facts } = request;
      const wanted = {
        ...facts,
        seed: 7,
        tenant: request.tenantId,
        conditioning: { pull: tensor('float32', [1, 1], Float32Array.of(1)) },
        negativeConditioning: { pull: tensor('float32', [1, 1], Float32Array.of(-1)) },
        deadlineMs: Number.isFinite(request.deadlineSeconds)
          ? startMs + 1_000 * (request.atSeconds + request.deadlineSeconds)
          : undefined,
      };
      done.push(
        engine.denoise(wanted, { isCancelled: () => false, emit: () => undefined }).then(
          () => (Date.now() - startMs) / 1_000,
          (error: { code: string }) => {
            expect(error.code).toBe('deadline_exceeded');
            return undefined;
          },
        ),
      );
    }
  };
  const engine = new StepEngine(
    model((ms) => {
      vi.setSystemTime(Date.now() + ms);
      // What has come during the pass joins at its end.
      arrive();
    }),
    costModel,
  );
  while (coming.length > 0) {
    vi.setSystemTime(Math.max(Date.now(), startMs + 1_000 * (coming[0]?.atSeconds ?? 0)));
    arrive();
    // Until the engine has nothing to do any more, and so would stand still.
    for (let known = 0; known < done.length; ) {
      known = done.length;
      await Promise.all(done);
    }
  }
  return await Promise.all(done);
}

function trace(seed: number, count: number, perSecond: number, deadlines: readonly number[]): SimulatedRequest[] {
  const random = seededRandom(seed);
  const pick = <Value>(values: readonly Value[]) => values[Math.floor(random() * values.length)] as Value;
  let at = 0;
  return Array.from({ length: count }, (_, i) => {
    // Whole milliseconds, as the engine's clock has them.
    at = Math.round(1_000 * (at - Math.log(1 - random()) / perSecond)) / 1_000;
    const side = pick(sides);
    return {
      id: `gen-${i}`,
      atSeconds: at,
      tenantId: pick(['a', 'b', 'c']),
      weight: 1,
      priority: pick([-1, 0, 0, 1]),
      width: side,
      height: side,
      steps: pick([4, 8, 20]),
      guidanceScale: pick([1, 4]),
      imageCount: 1,
      solver: '',
      strength: 0,
      deadlineSeconds: pick(deadlines),
    };
  });
}

const simulate = (requests: readonly SimulatedRequest[]) =>
  new Simulation({
    requests,
    times,
    ordering: orderings.fair,
    scaler: fixed(1),
    seed: 1,
    replicas: 1,
    mostReplicas: 1,
    coldStartSeconds: 0,
    pollSeconds: 1e9,
    concurrency: Number.POSITIVE_INFINITY,
    stepOverheadSeconds: 0,
    spotLossesPerHour: 0,
    crashesPerHour: 0,
  }).run();

describe('a small trace', () => {
  it.each([
    ['a light load', 11, 60, 3, [Number.POSITIVE_INFINITY]],
    ['a load near capacity', 12, 80, 9, [Number.POSITIVE_INFINITY]],
    ['more than can be done', 13, 80, 40, [Number.POSITIVE_INFINITY]],
    ['deadlines of which many are missed', 14, 80, 20, [0.4, 2, Number.POSITIVE_INFINITY]],
  ])('of %s takes as long as in the real engine, within a tenth', async (_, seed, count, perSecond, deadlines) => {
    const requests = trace(seed, count, perSecond, deadlines);
    const ends = await inEngine(requests);
    const done = ends.flatMap((end, i) => (end === undefined ? [] : [end - (requests[i] as SimulatedRequest).atSeconds]));
    const outcome = simulate(requests);
    expect(outcome.requests).toBe(count);
    expect(outcome.attained + outcome.late).toBeGreaterThanOrEqual(0.9 * done.length);
    expect(outcome.attained + outcome.late).toBeLessThanOrEqual(1.1 * done.length);
    const real = {
      makespan: Math.max(...ends.map((end) => end ?? 0)),
      mean: done.reduce((sum, seconds) => sum + seconds, 0) / done.length,
    };
    expect(Math.abs(outcome.makespanSeconds / real.makespan - 1)).toBeLessThan(0.1);
    expect(Math.abs(outcome.meanSeconds / real.mean - 1)).toBeLessThan(0.1);
  });
});
