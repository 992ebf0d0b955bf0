import { Denoiser, type ModelFolder, PromptEncoder, type RgbImage, VaeDecoder } from '@darkroom/onnx-pipeline';

/** How every picture of an evaluation is made. */
export interface PaintOptions {
  readonly steps: number;
  readonly guidance: number;
  /** Width and height in pixels. */
  readonly side: number;
}

/** A model with all that turns a caption into a picture, straight on the engine, without the services. */
export class Painter {
  readonly #stages: readonly [PromptEncoder, Denoiser, VaeDecoder];
  readonly #options: PaintOptions;

  private constructor(stages: readonly [PromptEncoder, Denoiser, VaeDecoder], options: PaintOptions) {
    this.#stages = stages;
    this.#options = options;
  }

  /** Verifies and loads a model; throws PipelineError `model_damaged` when a file is not what its digest says. */
  static async load(folder: ModelFolder, threads: number, options: PaintOptions): Promise<Painter> {
    const stages = await Promise.all([
      PromptEncoder.load(folder, { threads }),
      Denoiser.load(folder, { threads }),
      VaeDecoder.load(folder, { threads }),
    ]);
    return new Painter(stages, options);
  }

  /** Paints a caption; the same caption and seed give the same bytes. */
  async paint(caption: string, seed: number, signal?: AbortSignal): Promise<RgbImage> {
    const [encoder, denoiser, decoder] = this.#stages;
    const { steps, guidance, side } = this.#options;
    const { conditioning } = await encoder.encode(caption);
    const negativeConditioning = guidance > 1 ? (await encoder.encode('')).conditioning : undefined;
    const { latents } = await denoiser.denoise(
      { seed, steps, guidanceScale: guidance, width: side, height: side, conditioning, negativeConditioning },
      { signal },
    );
    return await decoder.decode(latents);
  }

  /** Ends all worker threads. */
  async close(): Promise<void> {
    await Promise.all(this.#stages.map((stage) => stage.close()));
  }
}
