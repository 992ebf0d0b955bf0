import { DarkroomError, imageSeed, type ModerationNotice, noticeOf, toTensorMessage } from '@darkroom/contracts';
import type { DenoiseRequest, DenoiseResult } from '@darkroom/onnx-pipeline';
import { markPayload, type PictureReceipt } from '@darkroom/provenance';
import { inActiveSpan, Metrics, type Span } from '@darkroom/service-kit';
import { Injectable } from '@nestjs/common';
import { CheckpointInterval } from './checkpoint-interval.js';
import { Config } from './config.js';
import { DenoiseSpan } from './denoise-span.js';
import type { GenerationRun } from './generation-run.js';
import { type FinishedImage, sha256 } from './generation-store.js';
import { moderationContext, refusal } from './moderation-context.js';
import { PartialImages } from './partial-images.js';
import type { Edit } from './picture-encoding.js';
import { pictureReceipt } from './picture-receipt.js';
import { Stages } from './stages.js';
import { TransformerStage } from './transformer-stage.js';

/** A prompt's conditioning and the negative one's, as the engine takes them. */
export type Conditioning = Pick<DenoiseRequest, 'conditioning' | 'negativeConditioning'>;

/** What all images of a generation are made from. */
export interface ImageInputs {
  readonly conditioning: Conditioning;
  /** The picture that is edited; undefined where none is. */
  readonly edit: Edit | undefined;
}

/** Where an image is from, as it says itself. */
interface Origin {
  readonly receipt: PictureReceipt;
  /** What its invisible mark carries. */
  readonly markPayload: number;
}

/** One image of a generation: denoise it, from its checkpoint if there is one, decode it, have it judged and signed. */
@Injectable()
export class ImagePipeline {
  private readonly interval: CheckpointInterval;
  private readonly resumed;

  constructor(
    config: Config,
    private readonly stages: Stages,
    private readonly transformer: TransformerStage,
    private readonly partialImages: PartialImages,
    metrics: Metrics,
  ) {
    this.interval = new CheckpointInterval(config.checkpointEvery);
    this.resumed = metrics.counter({
      name: 'darkroom_images_resumed_total',
      help: 'Images that went on from a checkpoint, or could not: resumed, corrupted, other_model, other_request.',
      labelNames: ['result'],
    });
  }

  /**
   * Makes one image.
   *
   * @param signal ends the work within one step.
   * @throws {DarkroomError} Thrown with `content_policy_violation` when the picture is refused, with `cancelled` on the signal, with
   *   `unavailable` when the engine has handed it back (its checkpoint has been written then), and with a neighbour's own error.
   */
  async make(run: GenerationRun, image: number, inputs: ImageInputs, signal: AbortSignal): Promise<FinishedImage> {
    const facts = await this.transformer.facts();
    const receipt = pictureReceipt(run.job, image, facts, this.transformer.schedulerName(run.job.solver, facts), inputs.edit);
    const origin: Origin = { receipt, markPayload: markPayload(receipt) };
    const denoised = await this.denoise(run, image, inputs, origin, signal);
    const decoded = await this.decode(run, image, denoised, inputs, origin, signal);
    const { notice, blurred, signed } = await this.judgeAndSign(run, image, decoded, origin, signal);
    const [bytes, blurredBytes] = await run.timed(
      'store',
      () => Promise.all([signed, blurred.length === 0 ? undefined : this.sign(run, blurred, origin, signal)]),
      { attributes: attributesOf(image) },
    );
    const finished = { ...decoded, bytes, blurred: blurredBytes, notice };
    run.surroundings.progress.finish(image);
    return finished;
  }

  /**
   * Has an image signed while it is judged: nobody but this run has the signed file, which is thrown away when the image is refused.
   *
   * @throws {DarkroomError} Thrown as {@link moderate} throws it, whatever has become of the signing.
   */
  private async judgeAndSign(run: GenerationRun, image: number, decoded: DecodedImage, origin: Origin, signal: AbortSignal) {
    const refused = new AbortController();
    const signed = this.sign(run, decoded.bytes, origin, AbortSignal.any([signal, refused.signal]));
    signed.catch(() => undefined);
    try {
      return { ...(await this.moderate(run, image, decoded, signal)), signed };
    } catch (error) {
      refused.abort();
      throw error;
    }
  }

  private async denoise(
    run: GenerationRun,
    image: number,
    { conditioning, edit }: ImageInputs,
    { markPayload }: Origin,
    signal: AbortSignal,
  ): Promise<DenoiseResult> {
    const { progress, usage, checkpoints, checkpointWriter, log } = run.surroundings;
    const { id, width, height } = run.job;
    const size = `${width}x${height}`;
    const refused = new AbortController();
    const partialImages = this.partialImages.of(run.job, image, { kept: edit?.kept, markPayload }, signal, (error) =>
      refused.abort(error),
    );
    const request = {
      ...requestOf(run, image),
      ...conditioning,
      ...edit?.start,
      checkpointEvery: this.interval.steps(size),
      previewEvery: partialImages.every,
      resume: checkpoints.get(image),
    };
    const denoise = async (span: Span) => {
      const traced = new DenoiseSpan(span);
      usage.begin();
      const result = await this.transformer.denoise(request, {
        signal: AbortSignal.any([signal, refused.signal]),
        // Pictures of the image are part of its trace, though the worker thread's messages come from outside of it.
        onStep: inActiveSpan((event) => {
          this.interval.enterStep(size, event.kernelMs);
          usage.enter(image, event.usage);
          progress.at(image, 'denoise', event.step);
          partialImages.at(event);
          traced.step(event);
        }),
        onCheckpoint: (event) => {
          this.interval.enterCheckpoint(size, event.encodeMs);
          checkpointWriter.write(image, event.checkpoint);
          traced.checkpoint(event);
        },
        onResume: (event) => {
          this.resumed.inc({ result: event.resumed ? 'resumed' : event.refusal });
          traced.resume(event);
          if (event.resumed) {
            log.info('image resumed', { generationId: id, image, step: event.step });
          } else {
            usage.forget(image);
            log.warn('image starts anew: its checkpoint can not be used', { generationId: id, image, reason: event.refusal });
          }
        },
      });
      traced.end(result);
      return result;
    };
    // What was seen of it early is told, and not that it was stopped for it.
    const work = (span: Span) =>
      denoise(span).catch((error: unknown) => {
        throw refused.signal.aborted && !signal.aborted ? refused.signal.reason : error;
      });
    const result = await run.timed('denoise', work, { kernelMs: ({ kernelMs }) => kernelMs, attributes: attributesOf(image) });
    usage.enter(image, result.usage);
    return result;
  }

  private async decode(
    run: GenerationRun,
    image: number,
    { latents, imageTokens: tokens }: DenoiseResult,
    { edit }: ImageInputs,
    { markPayload }: Origin,
    signal: AbortSignal,
  ): Promise<DecodedImage> {
    run.surroundings.progress.at(image, 'decode', run.steps);
    const { format, outputCompression: quality } = run.job;
    const request = { model: run.job.model, latents: toTensorMessage(latents), format, quality, kept: edit?.kept, markPayload };
    const {
      image: bytes,
      width,
      height,
      tile,
    } = await run.timed('decode', () => run.wait('decode', () => this.stages.decoder.decode(request, { signal }), signal), {
      kernelMs: ({ kernelMs }) => kernelMs,
      attributes: attributesOf(image),
    });
    return { bytes, sha256: sha256(bytes), width, height, tile, tokens };
  }

  /** Has a file signed; an image's digest stays that of what was decoded, since some keys sign otherwise each time. */
  private async sign(run: GenerationRun, file: Buffer, { receipt }: Origin, signal: AbortSignal): Promise<Buffer> {
    const request = { image: file, format: run.job.format, receiptJson: JSON.stringify(receipt) };
    return (await run.wait('store', () => this.stages.provenance.sign(request, { signal }), signal)).image;
  }

  private async moderate(run: GenerationRun, image: number, { bytes }: DecodedImage, signal: AbortSignal): Promise<Judgement> {
    const { job } = run;
    run.surroundings.progress.at(image, 'moderate', run.steps);
    const context = moderationContext(job, 'output_image', image);
    const blur = job.notices.some(({ action }) => action === 'blur');
    const moderate = () =>
      this.stages.moderator.moderateImage({ image: bytes, level: job.moderation, context, blur }, { signal });
    const { verdict, blurred } = await run.timed('moderate', () => run.wait('moderate', moderate, signal), {
      kernelMs: ({ kernelMs }) => kernelMs,
      attributes: attributesOf(image),
    });
    if (verdict === undefined) {
      throw new DarkroomError({ code: 'internal', message: 'the moderator gave no verdict' });
    }
    if (!verdict.allowed) throw refusal(verdict);
    if (blurred.length === 0 && (blur || verdict.action === 'blur')) {
      throw new DarkroomError({ code: 'internal', message: 'the moderator sent nothing to deliver in the place of the picture' });
    }
    return { notice: noticeOf(verdict, 'output_image'), blurred };
  }
}

/** An image as it was decoded. */
type DecodedImage = Omit<FinishedImage, 'blurred' | 'notice'>;

/** What is to be done about an image that may be delivered. */
interface Judgement {
  readonly notice: ModerationNotice | undefined;
  /** Delivered in its place; empty where it is delivered itself. */
  readonly blurred: Buffer;
}

const attributesOf = (image: number) => ({ 'darkroom.image': image });

/** What the engine is asked for, apart from the prompt; empty names are left to the model. */
function requestOf({ job }: GenerationRun, image: number): Omit<DenoiseRequest, 'conditioning'> {
  const { width, height, steps, guidanceScale, tenantId: tenant, priority, solver, sigmas, deadlineAtMs } = job;
  return {
    seed: imageSeed(job.seed, image),
    width,
    height,
    steps,
    guidanceScale,
    firstBlockCache: job.firstBlockCacheThreshold,
    tenant,
    priority,
    deadlineMs: deadlineAtMs > 0 ? deadlineAtMs : undefined,
    // The engine knows which names there are, and refuses any other.
    ...(solver !== '' && { solver: solver as NonNullable<DenoiseRequest['solver']> }),
    ...(sigmas !== '' && { sigmas: sigmas as NonNullable<DenoiseRequest['sigmas']> }),
  };
}
