import path from 'node:path';
import {
  type DenoiseOptions,
  type DenoiseRequest,
  type DenoiseResult,
  Denoiser,
  type EngineOptions,
  ModelFolder,
  PromptEncoder,
  type StepEvent,
} from '@darkroom/onnx-pipeline';
import type { NamedTensors } from '@darkroom/tensor';
import { median } from '../figures.js';
import { type Job, rowsPerJob } from './workload.js';

/** What every engine of the benchmark shares: the model and the conditioning of one prompt. */
export interface Material {
  readonly folder: ModelFolder;
  readonly threads: number;
  readonly conditioning: NamedTensors;
  readonly negativeConditioning: NamedTensors;
}

/** Opens the pocket model and encodes a prompt. */
export async function openMaterial(root: string, threads: number): Promise<Material> {
  const folder = await ModelFolder.open(path.join(root, 'models/pocket'));
  const encoder = await PromptEncoder.load(folder, { threads });
  const { conditioning } = await encoder.encode('a red apple on a blue background');
  const { conditioning: negativeConditioning } = await encoder.encode('');
  await encoder.close();
  return { folder, threads, conditioning, negativeConditioning };
}

/** The engine under test, with its real kernels. */
export class Testbed {
  readonly denoiser: Denoiser;
  readonly #material: Material;

  private constructor(denoiser: Denoiser, material: Material) {
    this.denoiser = denoiser;
    this.#material = material;
  }

  /** Loads an engine; what is not given has the default that services run with. */
  static async open(material: Material, options: EngineOptions = {}): Promise<Testbed> {
    return new Testbed(await Denoiser.load(material.folder, { threads: material.threads, ...options }), material);
  }

  /** The engine's request for a job. */
  requestOf({ seed, steps, side, tenant }: Job, overrides: Partial<DenoiseRequest> = {}): DenoiseRequest {
    const { conditioning, negativeConditioning } = this.#material;
    return {
      seed,
      steps,
      width: side,
      height: side,
      tenant,
      guidanceScale: 4,
      conditioning,
      negativeConditioning,
      ...overrides,
    };
  }

  /** Makes a job's latents. */
  async make(job: Job, options: DenoiseOptions = {}, overrides: Partial<DenoiseRequest> = {}): Promise<DenoiseResult> {
    return await this.denoiser.denoise(this.requestOf(job, overrides), options);
  }

  /**
   * Makes a job as {@link make} does, and resolves at its own last step, however many steps are computed after that.
   *
   * The latents are not the job's then: the schedule is another. What the kernels do is the same.
   */
  async makeAmong(job: Job, computed: number, { onStep, ...options }: DenoiseOptions = {}): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      const told = (event: StepEvent) => {
        onStep?.(event);
        if (event.step === job.steps) resolve();
      };
      this.make({ ...job, steps: computed }, { ...options, onStep: told }).then(() => resolve(), reject);
    });
  }

  /** Rows that the engine would put together for a side now, had it as many. */
  async bestRows(side: number): Promise<number> {
    let best = rowsPerJob;
    const stop = this.denoiser.onBatch(({ bestRows }) => {
      best = bestRows;
    });
    await this.make({ seed: 0, steps: 2, side, tenant: '' });
    stop();
    return best;
  }

  /** Milliseconds of a job that has the engine for itself: the median of some tries. */
  async soloMs(side: number, steps: number, tries: number): Promise<number> {
    const times: number[] = [];
    for (let i = 0; i < tries; i++) {
      const startMs = performance.now();
      await this.make({ seed: i, steps, side, tenant: '' });
      times.push(performance.now() - startMs);
    }
    return median(times);
  }

  async close(): Promise<void> {
    await this.denoiser.close();
  }
}
