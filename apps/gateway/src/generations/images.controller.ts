import { type GenerationBody, type ImagesResponseBody, parseImageGenerationRequest } from '@darkroom/contracts/http';
import { Body, Controller, HttpCode, Post, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { callerOf } from '../auth/caller.js';
import { EditRequests } from '../edits/edit-requests.js';
import { TenantModels } from '../models/tenant-models.js';
import { ImagesAnswer } from './images-answer.js';

/** OpenAI's endpoints for images. */
@Controller('v1/images')
export class ImagesController {
  private readonly models: TenantModels;
  private readonly edits: EditRequests;
  private readonly images: ImagesAnswer;

  constructor(models: TenantModels, edits: EditRequests, images: ImagesAnswer) {
    this.models = models;
    this.edits = edits;
    this.images = images;
  }

  /** Makes images of a prompt. */
  @Post('generations')
  @HttpCode(200)
  async generate(
    @Body() body: unknown,
    @Req() http: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<ImagesResponseBody | GenerationBody | undefined> {
    const prepared = await this.models.prepare(body, callerOf(http));
    const request = parseImageGenerationRequest(prepared.body, prepared.models);
    return await this.images.give({ request, http, reply });
  }

  /** Makes images of a picture and a prompt: all of the picture, or what its mask uncovers. */
  @Post('edits')
  @HttpCode(200)
  async edit(
    @Req() http: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<ImagesResponseBody | GenerationBody | undefined> {
    return await this.edits.read(http, (edit) => this.images.give({ ...edit, http, reply }));
  }
}
