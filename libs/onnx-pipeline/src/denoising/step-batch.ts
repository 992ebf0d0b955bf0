import { elementCount, elementSize, expectDataType, type NamedTensors, type Tensor, tensor, viewAs } from '@darkroom/tensor';
import type { TransformerStep } from '../families/family.js';
import { PipelineError } from '../pipeline-error.js';
import type { Trajectory } from './trajectory.js';

/** Runs the transformer on a batch; resolves to its velocities, float32 [batch, channels, height, width], and its time. */
export type Transformer = (step: TransformerStep) => Promise<{ velocities: Tensor; kernelMs: number }>;

/**
 * Trajectories that make their steps together, one or two rows each (the second for guidance).
 *
 * Inputs are packed into buffers that live as long as the batch: conditioning once, latents and timesteps at each step. When
 * trajectories join or leave, whoever drives the batch makes a new one, which costs a copy of the conditioning and no more.
 */
export class StepBatch {
  readonly #trajectories: readonly Trajectory[];
  readonly #step: TransformerStep;
  /** Elements of one sample's latents. */
  readonly #sampleSize: number;

  /** @param trajectories at least one, all of the same latent shape. */
  constructor(trajectories: readonly Trajectory[]) {
    const rows = trajectories.flatMap((trajectory) => trajectory.rows);
    const sampleShape = (trajectories[0] as Trajectory).latents.shape.slice(1);
    const shape = [rows.length, ...sampleShape];
    this.#trajectories = trajectories;
    this.#sampleSize = elementCount(sampleShape);
    this.#step = {
      latents: tensor('float32', shape, new Float32Array(elementCount(shape))),
      timesteps: tensor('float32', [rows.length], new Float32Array(rows.length)),
      conditioning: stackRows(rows),
    };
  }

  /** How many rows its trajectories take together. */
  get rows(): number {
    return this.#step.timesteps.data.length;
  }

  /**
   * Makes one pass of every trajectory with one run of the transformer.
   *
   * @returns milliseconds inside the transformer's kernels.
   * @throws whatever the transformer throws; no trajectory has moved then.
   */
  async advance(transformer: Transformer): Promise<number> {
    this.#pack();
    const { velocities, kernelMs } = await transformer(this.#step);
    const { data } = expectDataType(velocities, 'float32', "the transformer's output");
    if (data.length !== this.#step.latents.data.length) {
      throw PipelineError.modelDamaged(`the transformer's output has shape [${velocities.shape.join(', ')}]`);
    }
    let row = 0;
    for (const trajectory of this.#trajectories) {
      trajectory.advance(trajectory.rows.map(() => this.#row(data, row++)));
    }
    return kernelMs;
  }

  #pack(): void {
    const { latents, timesteps } = this.#step;
    let row = 0;
    for (const trajectory of this.#trajectories) {
      for (const _ of trajectory.rows) {
        this.#row(latents.data, row).set(trajectory.latents.data);
        timesteps.data[row] = trajectory.timestep;
        row += 1;
      }
    }
  }

  #row(data: Float32Array, row: number): Float32Array {
    return data.subarray(row * this.#sampleSize, (row + 1) * this.#sampleSize);
  }
}

/**
 * Stacks tensors of batch 1 along their first axis, name by name.
 *
 * @throws PipelineError `invalid_argument` when the rows don't have the same tensors of the same types and shapes.
 */
export function stackRows(rows: readonly NamedTensors[]): NamedTensors {
  const stacked: Record<string, Tensor> = {};
  for (const [name, first] of Object.entries(rows[0] ?? {})) {
    const { dataType } = first;
    const size = first.data.length;
    const data = viewAs(dataType, new ArrayBuffer(rows.length * size * elementSize(dataType)));
    rows.forEach((row, index) => {
      const part = row[name];
      if (part?.dataType !== dataType || part.data.length !== size || part.shape[0] !== 1) {
        throw PipelineError.invalidArgument(
          'conditioning',
          `${name} must be ${dataType} of shape [${first.shape.join(', ')}] in every row`,
        );
      }
      (data as Float32Array).set(part.data as Float32Array, index * size);
    });
    stacked[name] = tensor(dataType, [rows.length, ...first.shape.slice(1)], data);
  }
  return stacked;
}
