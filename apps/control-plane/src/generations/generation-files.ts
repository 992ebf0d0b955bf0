import {
  DarkroomError,
  type GeneratedImage,
  type GenerationJob,
  GenerationResult,
  releasedImageKey,
  resultKey,
} from '@darkroom/contracts';
import type { GenerationImageBody, PromptBody } from '@darkroom/contracts/admin';
import { Injectable } from '@nestjs/common';
import { Blobs } from '../blobs/blobs.provider.js';

/** A picture as it is delivered. */
export interface ShownPicture {
  readonly bytes: Buffer;
  readonly contentType: string;
}

/** Reads what the blob store has of generations; what is held for a reviewer is never read here, only what is delivered in its place. */
@Injectable()
export class GenerationFiles {
  private readonly blobs: Blobs;

  constructor(blobs: Blobs) {
    this.blobs = blobs;
  }

  /** Returns the result of a generation that has succeeded; undefined when there is none, or none any more. */
  async result(id: string): Promise<GenerationResult | undefined> {
    const bytes = await this.blobs.read(resultKey(id));
    return bytes && GenerationResult.decode(bytes);
  }

  /** Tells of a result's images what can be told without showing them. */
  async images({ images }: GenerationResult): Promise<GenerationImageBody[]> {
    return await Promise.all(
      images.map(async (image) => ({
        index: image.index,
        seed: image.seed,
        content_type: image.contentType,
        width: image.width,
        height: image.height,
        sha256: image.sha256,
        blurred: image.held && (await this.deliveredKey(image)) === image.blobKey,
      })),
    );
  }

  /** Reads an image as its tenant gets it; undefined when there is none, or none any more. */
  async picture(id: string, index: number): Promise<ShownPicture | undefined> {
    const image = (await this.result(id))?.images.find((one) => one.index === index);
    const bytes = image && (await this.blobs.read(await this.deliveredKey(image)));
    return image && bytes && { bytes, contentType: image.contentType };
  }

  /**
   * Returns both prompts, reading those too long to have travelled in the job.
   *
   * @throws {DarkroomError} Thrown with `not_found` when they are not kept any more.
   */
  async prompts(job: GenerationJob): Promise<PromptBody> {
    const [prompt, negative] = await Promise.all([
      this.text(job.promptBlobKey, job.prompt),
      this.text(job.negativePromptBlobKey, job.negativePrompt),
    ]);
    return { prompt, negative_prompt: negative };
  }

  /** What is held is blurred under its own key, until a reviewer has let it go. */
  private async deliveredKey({ blobKey, held }: GeneratedImage): Promise<string> {
    const released = releasedImageKey(blobKey);
    return held && (await (await this.blobs.store()).exists(released)) ? released : blobKey;
  }

  private async text(key: string, inline: string): Promise<string> {
    if (key === '') return inline;
    const bytes = await this.blobs.read(key);
    if (bytes !== undefined) return bytes.toString('utf8');
    throw new DarkroomError({ code: 'not_found', message: 'the prompt of this generation is not kept any more', param: 'id' });
  }
}
