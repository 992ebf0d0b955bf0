import { Controller, Get, Res } from '@nestjs/common';
import type { FastifyReply } from 'fastify';

/** The OpenAPI document of the API, which is made of the schemas that requests are parsed with. */
@Controller()
export class OpenApiController {
  private json: Promise<string> | undefined;

  /** Returns the document; it is made when it is first asked for, since most gateways never are. */
  @Get('openapi.json')
  async document(@Res() reply: FastifyReply): Promise<void> {
    this.json ??= import('@darkroom/contracts/openapi').then(({ openApiDocument }) => JSON.stringify(openApiDocument()));
    await reply
      .type('application/json; charset=utf-8')
      .header('cache-control', 'no-cache')
      .send(await this.json);
  }
}
