import { DarkroomError, type GenerationResult } from '@darkroom/contracts';
import type { ImageBody } from '@darkroom/contracts/http';
import { Injectable } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { Blobs } from '../files/blobs.provider.js';
import { FileUrls } from '../files/file-urls.js';

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
    return await Promise.all((result?.images ?? []).map(({ blobKey }) => this.urlsOfFiles.sign(blobKey, request)));
  }

  /** Returns the images' bytes in base64, in order. */
  async base64(result: GenerationResult): Promise<ImageBody[]> {
    return await Promise.all(result.images.map(async ({ blobKey }) => ({ b64_json: await this.base64Of(blobKey) })));
  }

  /** Returns one image's bytes in base64. */
  async base64Of(blobKey: string): Promise<string> {
    const bytes = await (await this.blobs.store()).get(blobKey);
    if (bytes === undefined) throw new DarkroomError({ code: 'internal', message: 'an image of this generation is gone' });
    return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64');
  }
}
