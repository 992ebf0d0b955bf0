import {
  type DecodeRequest,
  formatNames,
  type GenerationJob,
  partialImageKey,
  stepsMade,
  toTensorMessage,
} from '@darkroom/contracts';
import type { StepEvent } from '@darkroom/onnx-pipeline';
import { type BlobStore, Log, Metrics } from '@darkroom/service-kit';
import { publishEvent } from '@darkroom/service-kit/queue';
import { Inject, Injectable } from '@nestjs/common';
import { openedBlobStore } from './generation-store.js';
import { moderationContext } from './moderation-context.js';
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
   */
  of(job: GenerationJob, image: number, laid: Laid, signal: AbortSignal): PartialImagesOf {
    return new PartialImagesOf(job, async (step, index) => {
      const outcome = await this.show(job, image, index, step, laid, signal).catch((error: unknown) => {
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
  ): Promise<'shown' | 'refused'> {
    const { id, model, format } = job;
    const decoded = await this.stages.decoder.decode(
      { model, format, quality: job.outputCompression, latents: denoised && toTensorMessage(denoised), ...laid },
      { signal },
    );
    const { verdict } = await this.stages.moderator.moderateImage(
      { image: decoded.image, level: job.moderation, context: moderationContext(job, 'partial_image', image) },
      { signal },
    );
    if (verdict?.allowed !== true) return 'refused';
    const { contentType } = formatNames(format);
    const { width, height } = decoded;
    const blobKey = partialImageKey(id, image, index, format);
    await this.blobs.put(blobKey, decoded.image, contentType);
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
