import {
  DarkroomError,
  fromNamedTensorMessages,
  type GenerationJob,
  type GenerationResult,
  guidancePasses,
  type Receipt,
  type TileSize,
  type TokenCounts,
} from '@darkroom/contracts';
import { Metrics } from '@darkroom/service-kit';
import { Injectable } from '@nestjs/common';
import type { GenerationRun } from './generation-run.js';
import { type FinishedImage, GenerationStore } from './generation-store.js';
import { type Conditioning, type ImageInputs, ImagePipeline } from './image-pipeline.js';
import { PictureEncoding } from './picture-encoding.js';
import { Stages } from './stages.js';
import { TransformerStage } from './transformer-stage.js';
import { WorkerReporter } from './worker-reporter.js';

/**
 * One generation, from prompt to stored images: encode, then for all images side by side denoise, decode and moderate, then store.
 *
 * A run may be cut off anywhere. The next one goes on from the images' checkpoints or from the start: either way the same images
 * go to the same keys, the result is written last, and the ledger knows each generation once.
 */
@Injectable()
export class GenerationPipeline {
  private readonly stages: Stages;
  private readonly transformer: TransformerStage;
  private readonly images: ImagePipeline;
  private readonly pictures: PictureEncoding;
  private readonly store: GenerationStore;
  private readonly reporter: WorkerReporter;
  private readonly stageSeconds;

  constructor(
    stages: Stages,
    transformer: TransformerStage,
    images: ImagePipeline,
    pictures: PictureEncoding,
    store: GenerationStore,
    reporter: WorkerReporter,
    metrics: Metrics,
  ) {
    this.stages = stages;
    this.transformer = transformer;
    this.images = images;
    this.pictures = pictures;
    this.store = store;
    this.reporter = reporter;
    this.stageSeconds = metrics.histogram({
      name: 'darkroom_stage_seconds',
      help: 'How long a generation spent in each stage, over all its images.',
      labelNames: ['stage'],
    });
  }

  /** Resolves when the model is loaded; rejects with `model_damaged` when it can't be. */
  async ready(): Promise<void> {
    await this.transformer.facts();
  }

  /**
   * Runs a generation, or only enters its usage when an earlier run had stored its result.
   *
   * @throws {DarkroomError} Thrown with `content_policy_violation` when a picture is refused (nothing is stored then), with
   *   `cancelled` on the signal, with `unavailable` when the engine hands its work back, and with a neighbour's own error when
   *   patience with it has ended.
   */
  async run(run: GenerationRun): Promise<GenerationResult> {
    const { job } = run;
    const earlier = await run.wait('store', () => this.store.earlierResult(job.id));
    const result = earlier ?? (await this.generate(run));
    // The images are all stored by now, so the result that says so and the ledger's entry may be written in either order.
    await Promise.all([
      earlier ?? run.wait('store', () => this.store.storeResult(result)),
      run.wait('store', () => this.recordUsage(job, result)),
    ]);
    return result;
  }

  /**
   * Enters into the ledger what a generation used that is given up.
   *
   * @throws {DarkroomError} Thrown with the ledger's own error when patience with it has ended.
   */
  async chargeUsed(run: GenerationRun, { code }: DarkroomError): Promise<void> {
    const { job } = run;
    const { passes, kernelMs } = run.surroundings.usage;
    if (passes === 0) return;
    const evaluations = passes * guidancePasses(job.guidanceScale);
    await run.wait('store', () => this.enterUsage(job, { imageCount: job.imageCount, kernelMs, evaluations, outcome: code }));
  }

  private async generate(run: GenerationRun): Promise<GenerationResult> {
    const { job, clock } = run;
    await this.checkReplay(job);
    clock.add('queue', Math.max(0, Date.now() - job.createdAtMs));

    // 1. Encode the prompt, the negative or empty one when guidance needs it, and the picture when one is edited.
    run.surroundings.progress.at(0, 'encode');
    const [{ conditioning, textTokens }, edit] = await Promise.all([this.encode(run), this.pictures.encode(run)]);

    // 2. Make the images, each from its own seed.
    const images = await run.allImages((image, signal) => this.images.make(run, image, { conditioning, edit }, signal));

    // 3. Store all images; only then does the result, the one sign that they are all there, follow.
    const stored = await run.timed('store', () => run.wait('store', () => this.store.storeImages(job, images)));
    this.reporter.observe(clock.timings());
    for (const { stage, totalMs } of clock.timings()) {
      this.stageSeconds.observe({ stage }, totalMs / 1000);
    }
    const evaluations = run.surroundings.usage.passes * guidancePasses(job.guidanceScale);
    const receipt = await this.receipt(run, images, edit);
    return { id: job.id, images: stored, receipt, evaluations, tokens: countTokens(job, images, textTokens) };
  }

  /** A replay with another model would be charged, and be another picture. */
  private async checkReplay({ replay }: GenerationJob): Promise<void> {
    if (replay === undefined || replay.modelDigest === (await this.transformer.facts()).digest) return;
    throw new DarkroomError({ code: 'conflict', message: 'the model is not the one that made the generation to be made again' });
  }

  private async encode(run: GenerationRun): Promise<{ conditioning: Conditioning; textTokens: number }> {
    const { job, stopping: signal } = run;
    // Nothing is lost yet when the encoder is away: no waiting in place here, so that another job's turn comes meanwhile.
    const { prompt, negativePrompt } = await this.store.prompts(job);
    const prompts = guidancePasses(job.guidanceScale) === 2 ? [prompt, negativePrompt] : [prompt];
    const { responses } = await run.timed(
      'encode',
      () => this.stages.encoder.encodeBatch({ model: job.model, prompts }, { signal }),
      { kernelMs: ({ responses }) => responses.reduce((sum, { kernelMs }) => sum + kernelMs, 0) },
    );
    const [conditioning, negativeConditioning] = responses.map((response) => fromNamedTensorMessages(response.conditioning));
    if (conditioning === undefined || responses.length !== prompts.length) {
      const message = `the prompt encoder answered ${responses.length} of ${prompts.length} prompts`;
      throw new DarkroomError({ code: 'internal', message });
    }
    // The empty text of the unconditional branch is the platform's, not the client's.
    const textTokens = responses.reduce((sum, { tokenCount }, index) => (prompts[index] === '' ? sum : sum + tokenCount), 0);
    return { conditioning: { conditioning, negativeConditioning }, textTokens };
  }

  private async receipt(
    { job, clock }: GenerationRun,
    images: readonly FinishedImage[],
    edit: ImageInputs['edit'],
  ): Promise<Receipt> {
    const facts = await this.transformer.facts();
    const { digest, scheduler, runtimeVersion, execution } = facts;
    const { model, steps, guidanceScale, seed, width, height, solver, sigmas, firstBlockCacheThreshold } = job;
    return {
      model,
      modelDigest: digest,
      scheduler: this.transformer.schedulerName(solver, facts),
      shift: scheduler.shift,
      steps,
      guidanceScale,
      seed,
      width,
      height,
      versions: { 'onnxruntime-node': runtimeVersion, node: process.versions.node, ...execution, ...tileVersions(images, edit) },
      timings: clock.timings(),
      solver,
      sigmas,
      firstBlockCacheThreshold,
      strength: job.strength,
      imageSha256: edit?.imageSha256 ?? '',
      maskSha256: edit?.maskSha256 ?? '',
      outputCompression: job.outputCompression,
    };
  }

  private async recordUsage(job: GenerationJob, { images, receipt, evaluations }: GenerationResult): Promise<void> {
    const kernelMs = receipt?.timings.reduce((sum, timing) => sum + timing.kernelMs, 0) ?? 0;
    await this.enterUsage(job, { imageCount: images.length, kernelMs, evaluations, outcome: 'succeeded' });
  }

  private async enterUsage(
    { id, tenantId, keyId, model, width, height, steps, guidanceScale }: GenerationJob,
    used: { imageCount: number; kernelMs: number; evaluations: number; outcome: string },
  ): Promise<void> {
    const work = { model, width, height, steps, guidancePasses: guidancePasses(guidanceScale) };
    await this.stages.controlPlane.recordUsage({ generationId: id, tenantId, keyId, ...work, ...used });
  }
}

/** Counts what the model read and made; the picture to edit is as large as what is made of it. */
function countTokens({ imageBlobKey }: GenerationJob, images: readonly FinishedImage[], text: number): TokenCounts {
  const inputImage = imageBlobKey === '' ? 0 : (images[0]?.tokens ?? 0);
  return { text, inputImage, outputImage: images.reduce((sum, { tokens }) => sum + tokens, 0) };
}

/** Names the tiles that images were decoded in, all of one size, and an edited picture was encoded in: what is made whole differs by a level here and there. */
function tileVersions([first]: readonly FinishedImage[], edit: ImageInputs['edit']): Record<string, string> {
  const name = ({ width, height, overlap }: TileSize) => `${width}x${height}/${overlap}`;
  return {
    ...(first?.tile && { 'vae-tile': name(first.tile) }),
    ...(edit?.tile && { 'vae-encoder-tile': name(edit.tile) }),
  };
}
