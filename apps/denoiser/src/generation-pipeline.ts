import {
  DarkroomError,
  fromNamedTensorMessages,
  type GenerationJob,
  type GenerationProgress,
  type GenerationResult,
  guidancePasses,
  imageSeed,
  type Receipt,
  type Stage,
  toTensorMessage,
} from '@darkroom/contracts';
import type { DenoiseResult } from '@darkroom/onnx-pipeline';
import { Log, Metrics } from '@darkroom/service-kit';
import { Injectable } from '@nestjs/common';
import { type FinishedImage, GenerationStore } from './generation-store.js';
import { patiently } from './patience.js';
import { StageClock } from './stage-clock.js';
import { Stages } from './stages.js';
import { TransformerStage } from './transformer-stage.js';

/** How long a generation that has made its steps waits in place for a neighbour to come back, before it is put back. */
const patienceMs = 30_000;

/** What a run of the pipeline needs to know of its surroundings. */
export interface RunContext {
  /** Ends the run within one step. */
  readonly signal: AbortSignal;
  readonly onProgress: (progress: GenerationProgress) => void;
}

/** A prompt's conditioning and the negative one's, as the engine takes them. */
type Conditioning = Pick<Parameters<TransformerStage['denoise']>[0], 'conditioning' | 'negativeConditioning'>;

/**
 * One generation, from prompt to stored images: encode, then for each image denoise, decode and moderate, then store.
 *
 * A run may be cut off anywhere and repeated from the start: seeded noise makes the same images, which go to the same keys, the
 * result is written last, and the ledger knows each generation once.
 */
@Injectable()
export class GenerationPipeline {
  private readonly stageSeconds;

  constructor(
    private readonly stages: Stages,
    private readonly transformer: TransformerStage,
    private readonly store: GenerationStore,
    private readonly log: Log,
    metrics: Metrics,
  ) {
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
   *   `cancelled` on the signal, and with a neighbour's own error when patience with it has ended.
   */
  async run(job: GenerationJob, context: RunContext): Promise<GenerationResult> {
    const earlier = await this.wait('store', context, () => this.store.earlierResult(job.id));
    const result = earlier ?? (await this.generate(job, context));
    // The images are all stored by now, so the result that says so and the ledger's entry may be written in either order.
    await Promise.all([
      earlier ?? this.wait('store', context, () => this.store.storeResult(result)),
      this.wait('store', context, () => this.recordUsage(job, result)),
    ]);
    await this.forget(job);
    return result;
  }

  /** Deletes what a generation that has ended, well or badly, needs no more; failing to is no failure of the generation. */
  async forget(job: GenerationJob): Promise<void> {
    await this.store.forgetPrompts(job).catch((error: unknown) => {
      this.log.warn('stored prompts could not be deleted', { generationId: job.id, error });
    });
  }

  private async generate(job: GenerationJob, context: RunContext): Promise<GenerationResult> {
    const clock = new StageClock();
    clock.add('queue', Math.max(0, Date.now() - job.createdAtMs));

    // 1. Encode the prompt, and the negative or empty one when guidance needs it.
    context.onProgress(progressOf(job, 'encode'));
    const conditioning = await this.encode(job, clock, context);

    // 2. Image by image, each from its own seed.
    const images: FinishedImage[] = [];
    for (let index = 0; index < job.imageCount; index++) {
      const { latents } = await this.denoise(job, index, conditioning, clock, context);
      const image = await this.decode(job, index, latents, clock, context);
      await this.moderate(image, clock, context);
      images.push(image);
    }

    // 3. Store all images; only then does the result, the one sign that they are all there, follow.
    const stored = await clock.time('store', () => this.wait('store', context, () => this.store.storeImages(job, images)));
    for (const { stage, totalMs } of clock.timings()) {
      this.stageSeconds.observe({ stage }, totalMs / 1000);
    }
    return { id: job.id, images: stored, receipt: await this.receipt(job, clock) };
  }

  private async encode(job: GenerationJob, clock: StageClock, { signal }: RunContext): Promise<Conditioning> {
    // Nothing is lost yet when the encoder is away: no waiting in place here, so that another job's turn comes meanwhile.
    const { prompt, negativePrompt } = await this.store.prompts(job);
    const encode = (text: string) => this.stages.encoder.encode({ model: job.model, prompt: text }, { signal });
    const [positive, negative] = await clock.time(
      'encode',
      () => Promise.all([encode(prompt), guidancePasses(job.guidanceScale) === 2 ? encode(negativePrompt) : undefined]),
      (responses) => responses.reduce((sum, response) => sum + (response?.kernelMs ?? 0), 0),
    );
    return {
      conditioning: fromNamedTensorMessages(positive.conditioning),
      negativeConditioning: negative && fromNamedTensorMessages(negative.conditioning),
    };
  }

  private async denoise(
    job: GenerationJob,
    index: number,
    conditioning: Conditioning,
    clock: StageClock,
    { signal, onProgress }: RunContext,
  ): Promise<DenoiseResult> {
    const { width, height, steps, guidanceScale, tenantId: tenant } = job;
    const request = { ...conditioning, seed: imageSeed(job.seed, index), width, height, steps, guidanceScale, tenant };
    const onStep = ({ step }: { step: number }) => onProgress(progressOf(job, 'denoise', index, step));
    return await clock.time(
      'denoise',
      () => this.transformer.denoise(request, { signal, onStep }),
      ({ kernelMs }) => kernelMs,
    );
  }

  private async decode(
    job: GenerationJob,
    index: number,
    latents: DenoiseResult['latents'],
    clock: StageClock,
    context: RunContext,
  ): Promise<FinishedImage> {
    context.onProgress(progressOf(job, 'decode', index, job.steps));
    const request = { model: job.model, latents: toTensorMessage(latents), format: job.format };
    const { image, width, height } = await clock.time(
      'decode',
      () => this.wait('decode', context, () => this.stages.decoder.decode(request, { signal: context.signal })),
      ({ kernelMs }) => kernelMs,
    );
    return { bytes: image, width, height };
  }

  private async moderate({ bytes }: FinishedImage, clock: StageClock, context: RunContext): Promise<void> {
    const { verdict } = await clock.time(
      'moderate',
      () =>
        this.wait('moderate', context, () => this.stages.moderator.moderateImage({ image: bytes }, { signal: context.signal })),
      ({ kernelMs }) => kernelMs,
    );
    if (verdict === undefined) {
      throw new DarkroomError({ code: 'internal', message: 'the moderator gave no verdict' });
    }
    if (!verdict.allowed) {
      throw new DarkroomError({
        code: 'content_policy_violation',
        message: `the picture was refused by the content policy (${verdict.category})`,
        category: verdict.category,
      });
    }
  }

  private async receipt(job: GenerationJob, clock: StageClock): Promise<Receipt> {
    const { digest, scheduler, runtimeVersion } = await this.transformer.facts();
    const { model, steps, guidanceScale, seed, width, height } = job;
    return {
      model,
      modelDigest: digest,
      scheduler: scheduler.name,
      shift: scheduler.shift,
      steps,
      guidanceScale,
      seed,
      width,
      height,
      versions: { 'onnxruntime-node': runtimeVersion, node: process.versions.node },
      timings: clock.timings(),
      solver: job.solver,
      sigmas: job.sigmas,
      firstBlockCacheThreshold: job.firstBlockCacheThreshold,
    };
  }

  private async recordUsage(job: GenerationJob, { images, receipt }: GenerationResult): Promise<void> {
    const { id, tenantId, keyId, model, width, height, steps } = job;
    await this.stages.controlPlane.recordUsage({
      generationId: id,
      tenantId,
      keyId,
      model,
      imageCount: images.length,
      width,
      height,
      steps,
      guidancePasses: guidancePasses(job.guidanceScale),
      kernelMs: receipt?.timings.reduce((sum, { kernelMs }) => sum + kernelMs, 0) ?? 0,
      evaluations: steps * guidancePasses(job.guidanceScale) * images.length,
      outcome: 'succeeded',
    });
  }

  /** Does a stage's work, waiting out short absences of the neighbour it needs. */
  private async wait<Result>(stage: Stage, { signal }: RunContext, work: () => Promise<Result>): Promise<Result> {
    const onWait = ({ code, message }: DarkroomError) => this.log.warn('waiting for a stage', { stage, code, reason: message });
    return await patiently(work, { signal, patienceMs, onWait });
  }
}

function progressOf(job: GenerationJob, stage: Stage, image = 0, step = 0): GenerationProgress {
  return { stage, step, steps: job.steps, image, images: job.imageCount };
}
