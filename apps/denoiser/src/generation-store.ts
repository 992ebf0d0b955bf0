import { createHash } from 'node:crypto';
import {
  DarkroomError,
  formatNames,
  type GeneratedImage,
  type GenerationJob,
  GenerationResult,
  imageKey,
  imageSeed,
  resultKey,
  type TileSize,
} from '@darkroom/contracts';
import { type BlobStore, Readiness } from '@darkroom/service-kit';
import { Inject, Injectable, type OnApplicationShutdown } from '@nestjs/common';

/** Token of the blob store that the configuration names. */
export const openedBlobStore = Symbol('blob store');

/** An image that has passed moderation, ready to be stored. */
export interface FinishedImage {
  readonly bytes: Buffer;
  readonly width: number;
  readonly height: number;
  /** The tiles it was decoded in; undefined when it was decoded whole. */
  readonly tile: TileSize | undefined;
  /** Tokens that the transformer made of it. */
  readonly tokens: number;
}

/** A generation's blobs: its long prompts, its images, and the result that says they are all there. */
@Injectable()
export class GenerationStore implements OnApplicationShutdown {
  private readonly blobs: BlobStore;

  constructor(@Inject(openedBlobStore) blobs: BlobStore, readiness: Readiness) {
    this.blobs = blobs;
    readiness.require('blob store', () => blobs.missing());
  }

  /** Returns both prompts, fetching those too long to have travelled in the queue. */
  async prompts(job: GenerationJob): Promise<{ prompt: string; negativePrompt: string }> {
    const [prompt, negativePrompt] = await Promise.all([
      this.text(job.promptBlobKey, job.prompt),
      this.text(job.negativePromptBlobKey, job.negativePrompt),
    ]);
    return { prompt, negativePrompt };
  }

  /** Deletes the stored prompts of a generation that needs them no more. */
  async forgetPrompts({ promptBlobKey, negativePromptBlobKey }: GenerationJob): Promise<void> {
    const keys = [promptBlobKey, negativePromptBlobKey].filter((key) => key !== '');
    await Promise.all(keys.map((key) => this.blobs.delete(key)));
  }

  /** Returns what an earlier run of the same job stored before it was cut off, if it got that far. */
  async earlierResult(id: string): Promise<GenerationResult | undefined> {
    const bytes = await this.blobs.get(resultKey(id));
    return bytes && GenerationResult.decode(bytes);
  }

  /** Stores the images of a generation; storing them again writes the same bytes under the same keys. */
  async storeImages(job: GenerationJob, images: readonly FinishedImage[]): Promise<GeneratedImage[]> {
    const { contentType } = formatNames(job.format);
    return await Promise.all(
      images.map(async ({ bytes, width, height }, index) => {
        const blobKey = imageKey(job.id, index, job.format);
        await this.blobs.put(blobKey, bytes, contentType);
        const sha256 = createHash('sha256').update(bytes).digest('hex');
        return { index, seed: imageSeed(job.seed, index), blobKey, contentType, width, height, sha256 };
      }),
    );
  }

  /** Stores the result, last of all: whoever finds it finds every image too. */
  async storeResult(result: GenerationResult): Promise<void> {
    await this.blobs.put(resultKey(result.id), GenerationResult.encode(result).finish(), 'application/x-protobuf');
  }

  async onApplicationShutdown(): Promise<void> {
    await this.blobs.close();
  }

  private async text(key: string, inline: string): Promise<string> {
    if (key === '') {
      return inline;
    }
    const bytes = await this.blobs.get(key);
    if (bytes === undefined) {
      throw new DarkroomError({ code: 'internal', message: "the generation's stored prompt is gone" });
    }
    return new TextDecoder().decode(bytes);
  }
}
