import {
  type DarkroomError,
  type DecodeRequest,
  formatNames,
  type GenerationJob,
  partialImageKey,
  stepsMade,
  toTensorMessage,
  type Verdict,
} from '@darkroom/contracts';
import type { StepEvent } from '@darkroom/onnx-pipeline';
import { type BlobStore, Log, Metrics } from '@darkroom/service-kit';
import { publishEvent } from '@darkroom/service-kit/queue';
import { Inject, Injectable } from '@nestjs/common';
import { openedBlobStore } from './generation-store.js';
import { moderationContext, refusal } from './moderation-context.js';
import { RedisConnections } from './redis-connections.js';
import { Stages } from './stages.js';

type Laid = Pick<DecodeRequest, 'kept' | 'markPayload'>;

/** Shows images while they develop: decoded and judged like finished ones, since whoever watches sees them too. */
@Injectable()
export class PartialImages {
  private readonly outcomes;

  constructor(
    private readonly stages: Stages,
    @Inject(openedBlobStore) private readonly blobs: BlobStore,
    private readonly connections: RedisConnections,
    private readonly log: Log,
    metrics: Metrics,
  ) {
    this.outcomes = metrics.counter({
      name: 'darkroom_partial_images_total',
      help: 'Pictures of images that still developed, by what became of them: shown, refused, failed.',
      labelNames: ['outcome'],
    });
  }

  /**
   * Begins to show one image.
   *
   * @param laid over the pictures: what is kept of the picture that the generation edits, and the image's mark.
   * @param signal aborts when nobody needs pictures of it any more.
   * @param onRefused is told of a picture that is refused when the image is half done: it would be refused itself, and more would only cost more.
   */
  of(
    job: GenerationJob,
    image: number,
    laid: Laid,
    signal: AbortSignal,
    onRefused: (error: DarkroomError) => void,
  ): PartialImagesOf {
    return new PartialImagesOf(job, async (step, index) => {
      const isHalfDone = 2 * step.step >= step.steps;
      const tell = (verdict: Verdict) => (isHalfDone ? onRefused(refusal(verdict)) : undefined);
      const outcome = await this.show(job, image, index, step, laid, signal, tell).catch((error: unknown) => {
        if (!signal.aborted) this.log.warn('a partial image could not be shown', { generationId: job.id, error });
        return 'failed' as const;
      });
      this.outcomes.inc({ outcome });
    });
  }

  private async show(
    job: GenerationJob,
    image: number,
    index: number,
    { denoised, step, steps }: StepEvent,
    laid: Laid,
    signal: AbortSignal,
    onRefused: (verdict: Verdict) => void,
  ): Promise<'shown' | 'refused'> {
    const { id, model, format } = job;
    const decoded = await this.stages.decoder.decode(
      { model, format, quality: job.outputCompression, latents: denoised && toTensorMessage(denoised), ...laid },
      { signal },
    );
    const blur = job.notices.some(({ action }) => action === 'blur');
    const { verdict, blurred } = await this.stages.moderator.moderateImage(
      { image: decoded.image, level: job.moderation, context: moderationContext(job, 'partial_image', image), blur },
      { signal },
    );
    if (verdict?.allowed !== true) {
      if (verdict !== undefined) onRefused(verdict);
      return 'refused';
    }
    const isBlurred = blur || verdict.action === 'blur';
    const { contentType } = formatNames(format);
    const { width, height } = decoded;
    const blobKey = partialImageKey(id, image, index, format);
    await this.blobs.put(blobKey, isBlurred ? blurred : decoded.image, contentType);
    const partialImage = { image, index, blobKey, contentType, width, height, step, steps };
    await publishEvent(this.connections.commands, id, { progress: undefined, partialImage });
    return 'shown';
  }
}

/**
 * The pictures of one image, evenly spread over its steps; while one is being made, others are left out.
 *
 * As if there was one more than asked for: each takes its time to be decoded and judged, and the first is to be seen by half of it all.
 */
export class PartialImagesOf {
  private isBusy = false;
  private count = 0;

  constructor(
    private readonly job: Pick<GenerationJob, 'steps' | 'strength' | 'partialImages'>,
    private readonly show: (step: StepEvent, index: number) => Promise<void>,
  ) {}

  /** Steps between pictures; undefined when none are wanted. */
  get every(): number | undefined {
    const { partialImages } = this.job;
    return partialImages === 0 ? undefined : Math.max(1, Math.floor(stepsMade(this.job) / (partialImages + 2)));
  }

  /** Takes notice of a step, and shows the image as it is then when it is time; nobody waits for it. */
  at(step: StepEvent): void {
    const isWanted = step.denoised !== undefined && step.step < step.steps && this.count < this.job.partialImages;
    if (!isWanted || this.isBusy) return;
    this.isBusy = true;
    void this.show(step, this.count).finally(() => {
      this.isBusy = false;
    });
    this.count += 1;
  }
}
