import { DarkroomError, type GeneratedImage, type GenerationResult, releasedImageKey } from '@darkroom/contracts';
import type { ImageBody } from '@darkroom/contracts/http';
import { Injectable } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { Blobs } from '../files/blobs.provider.js';
import { FileUrls } from '../files/file-urls.js';

/** What is known of an image that is to be shown. */
export type ShownImage = Pick<GeneratedImage, 'blobKey' | 'held'>;

/** Brings a result's images to the client, as bytes or as addresses. */
@Injectable()
export class Delivery {
  private readonly urlsOfFiles: FileUrls;
  private readonly blobs: Blobs;

  constructor(urlsOfFiles: FileUrls, blobs: Blobs) {
    this.urlsOfFiles = urlsOfFiles;
    this.blobs = blobs;
  }

  /** Returns signed addresses of the images, in order, and until when they work. */
  async urls(result: GenerationResult | undefined, request: FastifyRequest): Promise<ImageBody[]> {
    return await this.urlsUnder(this.urlsOfFiles.baseOf(request), result?.images ?? []);
  }

  /** Returns signed addresses of images under an address of the gateway. */
  async urlsUnder(base: string, images: readonly ShownImage[]): Promise<ImageBody[]> {
    return await Promise.all(
      images.map(async (image) => {
        const { key, ...shown } = await this.shown(image);
        return { ...(await this.urlsOfFiles.signUnder(base, key)), ...shown };
      }),
    );
  }

  /** Returns the images' bytes in base64, in order. */
  async base64({ images }: GenerationResult): Promise<(ImageBody & { readonly b64_json: string })[]> {
    return await Promise.all(
      images.map(async (image) => {
        const { key, ...shown } = await this.shown(image);
        return { b64_json: await this.base64Of(key), ...shown };
      }),
    );
  }

  /** Returns one image's bytes in base64. */
  async base64Of(blobKey: string): Promise<string> {
    const bytes = await (await this.blobs.store()).get(blobKey);
    if (bytes === undefined) throw new DarkroomError({ code: 'internal', message: 'an image of this generation is gone' });
    return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64');
  }

  /** Says what there is to see of an image: what is held is blurred until a reviewer has let it go. */
  private async shown({ blobKey, held }: ShownImage): Promise<{ readonly key: string; readonly blurred?: true }> {
    if (!held) return { key: blobKey };
    const released = releasedImageKey(blobKey);
    return (await (await this.blobs.store()).exists(released)) ? { key: released } : { key: blobKey, blurred: true };
  }
}
