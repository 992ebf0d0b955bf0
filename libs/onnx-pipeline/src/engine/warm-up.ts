import { gaussianNoise, type NamedTensors, tensor } from '@darkroom/tensor';
import { stackRows } from '../denoising/step-batch.js';
import { noiseConditioning, shapesKey } from './conditioning.js';
import { countTokens, padRows } from './conditioning-padding.js';
import { type CostModel, trialRows } from './cost-model.js';
import type { EngineModel } from './engine-model.js';

/** An image size in pixels. */
export interface ImageSize {
  readonly width: number;
  readonly height: number;
}

/** The longest that one size's warm-up should take, in milliseconds: larger batches than fit are left to be measured as they come. */
const budgetMs = 2000;

/**
 * Runs the transformer on noise: makes the runtime allocate, measures what passes cost, and finds out whether batches change bits.
 *
 * Every pass is made twice: the first one allocates. In each batch two unlike samples take turns
 * in the rows, and each row must have the bits that its sample had alone.
 *
 * @returns whether they always had: where not, only one generation a pass gives the same bytes in any company.
 */
export async function warmUp(model: EngineModel, costs: CostModel, sizes: readonly ImageSize[]): Promise<boolean> {
  let invariant = true;
  for (const size of sizes) {
    invariant = (await warmUpSize(model, costs, size)) && invariant;
  }
  return invariant;
}

async function warmUpSize(model: EngineModel, costs: CostModel, size: ImageSize) {
  const { latentFormat, transformer } = model;
  const shape = latentFormat.shape(size.width, size.height);
  const samples = [1, 2].map((seed) => ({
    latents: gaussianNoise(seed, shape).data,
    timestep: 900 / seed,
    conditioning: warmUpConditioning(model, seed),
  }));
  const elements = samples[0]?.latents.length as number;
  const bucket = `${shape.slice(1).join('x')}|${shapesKey(samples[0]?.conditioning as NamedTensors)}`;
  const imageTokens = latentFormat.tokens(size.width, size.height);
  const { all } = countTokens([samples[0]?.conditioning as NamedTensors], imageTokens, model.conditioningPadding);
  costs.open(bucket, (elements * all) / imageTokens, size.width * size.height);

  const run = async (rows: readonly number[]) => {
    const picked = rows.map((row) => samples[row % samples.length] as (typeof samples)[number]);
    const latents = new Float32Array(rows.length * elements);
    for (const [i, sample] of picked.entries()) {
      latents.set(sample.latents, i * elements);
    }
    const { velocities, kernelMs } = await transformer({
      latents: tensor('float32', [rows.length, ...shape.slice(1)], latents),
      timesteps: tensor(
        'float32',
        [rows.length],
        Float32Array.from(picked, ({ timestep }) => timestep),
      ),
      conditioning: stackRows(picked.map(({ conditioning }) => conditioning)),
    });
    const bits = new Uint32Array(velocities.data.buffer, velocities.data.byteOffset, velocities.data.length);
    return { kernelMs, row: (i: number) => bits.subarray(i * elements, (i + 1) * elements) };
  };

  let invariant = true;
  let spentMs = 0;
  const alone: Uint32Array[] = [];
  for (const count of trialRows) {
    if (spentMs + 2 * costs.passMs(bucket, count) > budgetMs || !costs.allows(bucket, count)) break;
    const rows = Array.from({ length: count }, (_, row) => row);
    const residentBytes = process.memoryUsage.rss();
    const first = await run(rows);
    const bytes = process.memoryUsage.rss() - residentBytes;
    const second = await run(rows);
    costs.record(bucket, count, first.kernelMs, bytes);
    costs.record(bucket, count, second.kernelMs);
    spentMs += first.kernelMs + second.kernelMs;
    if (count === 1) {
      alone.push(second.row(0).slice(), (await run([1])).row(0).slice());
    }
    invariant &&= rows.every((row) => sameBits(second.row(row), alone[row % alone.length] as Uint32Array));
  }
  return invariant;
}

/** Noise as conditioning; where it is padded, one sample is full and the other about half padding. */
function warmUpConditioning({ conditioningShapes, conditioningPadding }: EngineModel, seed: number): NamedTensors {
  if (conditioningPadding === undefined) return noiseConditioning(conditioningShapes, seed, 8);
  const { [conditioningPadding.mask]: _, ...shapes } = conditioningShapes;
  const length = Math.ceil(conditioningPadding.granularity / seed);
  return padRows([noiseConditioning(shapes, seed, length)], conditioningPadding)[0] as NamedTensors;
}

function sameBits(a: Uint32Array, b: Uint32Array): boolean {
  return a.every((word, i) => word === b[i]);
}
