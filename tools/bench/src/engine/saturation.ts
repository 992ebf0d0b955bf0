import { atLeast, type Figure, median, plain } from '../figures.js';
import { seededRandom } from '../random.js';
import { type Dispatch, none, requestLevel, stepLevel } from './dispatch.js';
import { bestByBucket, bestOf, type CurvePoint, curveRows, curveSides, kernelCurve, medianCurve } from './kernel-curve.js';
import { curvePlot } from './plots.js';
import { type Saturated, saturate } from './replay.js';
import { type EngineRun, type Measured, progress, rotated } from './run.js';
import { mean } from './statistics.js';
import { Testbed } from './testbed.js';
import { mixedJobs, mixSides, mixSteps, rowsPerJob } from './workload.js';

/** Jobs that wait or run at all times: enough for full batches of either size. */
const outstanding = 96;

/** Makes the policies that are compared, request-level batches as large as the engine's own would be now. */
export async function policies(bed: Testbed): Promise<Dispatch[]> {
  const rows = new Map<number, number>();
  for (const side of mixSides) rows.set(side, await bed.bestRows(side));
  const mostRows = (side: number) => rows.get(side) ?? rowsPerJob;
  return [none, requestLevel(mostRows, false), requestLevel(mostRows, true), stepLevel];
}

/** Measures the kernels by batch size, and what share of their best each policy makes of them when work is never short. */
export async function saturation(run: EngineRun): Promise<{ figures: Figure[]; measured: Measured }> {
  const { bed, material, plan } = run;
  const window = { outstanding, warmUpMs: 2000 * plan.scale, windowMs: 5000 * plan.scale };
  const fixed = await Testbed.open(material, { batchRows: Math.max(...curveRows) });
  const deterministic = await Testbed.open(material, { deterministic: true });
  const curves: CurvePoint[][] = [];
  const results: Map<string, Saturated>[] = [];
  // Untimed, so that the engine has tried its batch sizes and allocated what they take.
  await saturate(
    bed,
    stepLevel,
    mixedJobs(seededRandom(0)),
    { outstanding, warmUpMs: 0, windowMs: 6000 * plan.scale },
    new Map(),
  );
  for (let repeat = 0; repeat < plan.repeats; repeat++) {
    progress(run, 'kernel curve and saturation', repeat);
    const curve = await kernelCurve(fixed, 4);
    curves.push(curve);
    const alternatives = [
      ...(await policies(bed)).map((dispatch) => ({ name: dispatch.name, dispatch, on: bed })),
      { name: 'deterministic', dispatch: stepLevel, on: deterministic },
    ];
    const result = new Map<string, Saturated>();
    for (const { name, dispatch, on } of rotated(alternatives, repeat)) {
      const draw = mixedJobs(seededRandom(100 + repeat));
      result.set(name, await saturate(on, dispatch, draw, window, bestByBucket(curve)));
    }
    results.push(result);
  }
  await Promise.all([fixed.close(), deterministic.close()]);
  return report(run, medianCurve(curves), results);
}

function report(run: EngineRun, curve: CurvePoint[], results: readonly Map<string, Saturated>[]) {
  run.show('kernels, milliseconds a row by rows of a batch', [
    ['size', ...curveRows.map(String), 'best / 2 rows'],
    ...curveSides.map((side) => {
      const points = curve.filter((point) => point.side === side);
      const pair = points.find(({ rows }) => rows === rowsPerJob)?.msPerRow ?? Number.NaN;
      const gain = `x${(pair / bestOf(curve, side)).toFixed(2)}`;
      return [`${side}x${side}`, ...points.map(({ msPerRow }) => msPerRow.toFixed(2)), gain];
    }),
  ]);
  run.plot('kernel-curve.svg', curvePlot(curve));

  const of = (name: string) => results.map((result) => result.get(name) as Saturated);
  const workMs = mean(mixSteps) * rowsPerJob * mean(mixSides.map((side) => bestOf(curve, side)));
  const share = (name: string) => median(of(name).map(({ ofKernels }) => ofKernels));
  const perSecond = (name: string) => (share(name) * 1000) / workMs;
  const names = [...(results[0] as Map<string, Saturated>).keys()].sort((a, b) => share(a) - share(b));
  run.show('throughput at saturation, medians', [
    ['policy', 'images/s', 'of the kernels best', 'time in kernels', 'rows a pass'],
    ...names.map((name) => [
      name,
      perSecond(name).toFixed(2),
      share(name).toFixed(3),
      median(of(name).map(({ inKernels }) => inKernels)).toFixed(3),
      median(of(name).map(({ meanRows }) => meanRows)).toFixed(1),
    ]),
  ]);
  const ratio = (a: string, b: string) => median(of(a).map(({ ofKernels }, i) => ofKernels / (of(b)[i] as Saturated).ofKernels));
  const requestLevels = names.filter((name) => name.startsWith('request-level'));
  const figures = [
    atLeast('throughput at saturation / kernels at their best', share(stepLevel.name), '', 0.95),
    atLeast('throughput at saturation, step-level / none', ratio(stepLevel.name, none.name), 'x', 1.3),
    ...requestLevels.map((name) => plain(`throughput at saturation, step-level / ${name}`, ratio(stepLevel.name, name), 'x')),
    plain('throughput at saturation, deterministic / step-level', ratio('deterministic', stepLevel.name), 'x'),
  ];
  const requestLevelCapacity = Math.min(...requestLevels.map(perSecond));
  return { figures, measured: { curve, capacity: perSecond(stepLevel.name), requestLevelCapacity } };
}
