import { createReadStream } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { DarkroomError } from '@darkroom/contracts';
import { KEPT_FOR_GOOD, PAGE_HEADERS } from '@darkroom/service-kit/pages';
import { Controller, Get, Param, Res } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { docsPage, startScript } from './docs-page.js';

const require = createRequire(import.meta.url);
const manifest = require.resolve('swagger-ui-dist/package.json');
const { version } = require(manifest) as { version: string };

const CONTENT_TYPES = new Map([
  ['swagger-ui.css', 'text/css; charset=utf-8'],
  ['swagger-ui-bundle.js', 'text/javascript; charset=utf-8'],
  ['start.js', 'text/javascript; charset=utf-8'],
]);

/** The OpenAPI document as a page for people: Swagger UI, from the disk of the gateway and from nowhere else. */
@Controller('docs')
export class DocsController {
  @Get()
  async page(@Res() reply: FastifyReply): Promise<void> {
    await reply
      .headers(PAGE_HEADERS)
      .header('cache-control', 'no-cache')
      .type('text/html; charset=utf-8')
      .send(docsPage(version));
  }

  /** Streams one of its files, which the gateway does not keep in memory. */
  @Get(':version/:file')
  async file(@Param('version') asked: string, @Param('file') file: string, @Res() reply: FastifyReply): Promise<void> {
    const contentType = CONTENT_TYPES.get(file);
    if (asked !== version || contentType === undefined) {
      throw new DarkroomError({ code: 'not_found', message: 'there is no such file' });
    }
    const isOurs = file === 'start.js';
    const content = isOurs ? startScript : createReadStream(join(dirname(manifest), file));
    await reply
      .headers(PAGE_HEADERS)
      .header('cache-control', isOurs ? 'no-cache' : KEPT_FOR_GOOD)
      .type(contentType)
      .send(content);
  }
}
