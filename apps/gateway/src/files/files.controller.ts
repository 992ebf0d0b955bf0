import { DarkroomError } from '@darkroom/contracts';
import { Controller, Get, Param, Query, Res } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { Blobs } from './blobs.provider.js';
import { FileUrls, URL_LIFETIME_SECONDS } from './file-urls.js';

const CONTENT_TYPES = new Map([
  ['png', 'image/png'],
  ['jpg', 'image/jpeg'],
  ['webp', 'image/webp'],
]);

/** Delivers images by their signed addresses. */
@Controller('v1/files/generations')
export class FilesController {
  private readonly urls: FileUrls;
  private readonly blobs: Blobs;

  constructor(urls: FileUrls, blobs: Blobs) {
    this.urls = urls;
    this.blobs = blobs;
  }

  @Get(':generation/:file')
  async image(
    @Param('generation') generation: string,
    @Param('file') file: string,
    @Query() { expires, signature }: Record<string, unknown>,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const key = `generations/${generation}/${file}`;
    await this.urls.verify(key, String(expires), String(signature));
    const contentType = CONTENT_TYPES.get(file.slice(file.lastIndexOf('.') + 1));
    const bytes = contentType === undefined ? undefined : await (await this.blobs.store()).get(key);
    if (bytes === undefined || contentType === undefined) {
      throw new DarkroomError({ code: 'not_found', message: 'there is no such image any more' });
    }
    await reply
      .type(contentType)
      .header('cache-control', `private, max-age=${URL_LIFETIME_SECONDS}, immutable`)
      .header('x-content-type-options', 'nosniff')
      .send(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength));
  }
}
