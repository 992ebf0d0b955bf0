import { createHash } from 'node:crypto';
import {
  DarkroomError,
  editedImageKey,
  editMaskKey,
  formatNames,
  type GeneratedImage,
  type GenerationJob,
  GenerationResult,
  heldImageKey,
  imageKey,
  imageSeed,
  type ModerationNotice,
  resultKey,
  type TileSize,
} from '@darkroom/contracts';
import { type BlobStore, Readiness } from '@darkroom/service-kit';
import { Inject, Injectable, type OnApplicationShutdown } from '@nestjs/common';

/** Token of the blob store that the configuration names. */
export const openedBlobStore = Symbol('blob store');

/** An image that has passed moderation, ready to be stored. */
export interface FinishedImage {
  /** The file, signed. */
  readonly bytes: Buffer;
  /** What is delivered in its place until a reviewer has looked at it, signed too; undefined where it is delivered itself. */
  readonly blurred: Buffer | undefined;
  /** What the policy has to say of it, if anything. */
  readonly notice: ModerationNotice | undefined;
  /** Of the file as it was decoded, before it was signed: the same whenever the image is made again, whatever signs it. */
  readonly sha256: string;
  readonly width: number;
  readonly height: number;
  /** The tiles it was decoded in; undefined when it was decoded whole. */
  readonly tile: TileSize | undefined;
  /** Tokens that the transformer made of it. */
  readonly tokens: number;
}

/** The files that a generation edits. */
export interface StoredPicture {
  readonly image: Buffer;
  /** Undefined where all of it is drawn anew. */
  readonly mask: Buffer | undefined;
  readonly imageSha256: string;
  /** Empty without a mask. */
  readonly maskSha256: string;
}

/** A generation's blobs: its long prompts, the picture that it edits, its images, and the result that says they are all there. */
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

  /** Returns the picture that a generation edits, and its mask; undefined when it edits none. */
  async editedPicture({ imageBlobKey, maskBlobKey }: GenerationJob): Promise<StoredPicture | undefined> {
    if (imageBlobKey === '') return undefined;
    const [image, mask] = await Promise.all([
      this.file(imageBlobKey, 'picture'),
      maskBlobKey === '' ? undefined : this.file(maskBlobKey, 'mask'),
    ]);
    return { image, mask, imageSha256: sha256(image), maskSha256: mask === undefined ? '' : sha256(mask) };
  }

  /** Deletes the picture that a generation was to edit which made no image; one that did keeps it beside its images, for a replay. */
  async forgetPicture({ id, imageBlobKey, maskBlobKey }: GenerationJob): Promise<void> {
    // A replay's picture lies with the generation that it replays.
    const own = [editedImageKey(id), editMaskKey(id)].filter((key) => key === imageBlobKey || key === maskBlobKey);
    await Promise.all(own.map((key) => this.blobs.delete(key)));
  }

  /** Returns what an earlier run of the same job stored before it was cut off, if it got that far. */
  async earlierResult(id: string): Promise<GenerationResult | undefined> {
    const bytes = await this.blobs.get(resultKey(id));
    return bytes && GenerationResult.decode(bytes);
  }

  /** Stores the images of a generation; storing them again writes the same images under the same keys. */
  async storeImages(job: GenerationJob, images: readonly FinishedImage[]): Promise<GeneratedImage[]> {
    const { contentType } = formatNames(job.format);
    return await Promise.all(
      images.map(async ({ bytes, blurred, notice, sha256, width, height }, index) => {
        const blobKey = imageKey(job.id, index, job.format);
        const held = blurred !== undefined;
        if (held) await this.blobs.put(heldImageKey(blobKey), bytes, contentType);
        await this.blobs.put(blobKey, blurred ?? bytes, contentType);
        return { index, seed: imageSeed(job.seed, index), blobKey, contentType, width, height, sha256, notice, held };
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
    return new TextDecoder().decode(await this.file(key, 'prompt'));
  }

  private async file(key: string, what: string): Promise<Buffer> {
    const bytes = await this.blobs.get(key);
    if (bytes === undefined) {
      throw new DarkroomError({ code: 'internal', message: `the generation's stored ${what} is gone` });
    }
    return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }
}

/** Returns a digest in hexadecimal. */
export function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}
