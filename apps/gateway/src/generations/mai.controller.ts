import {
  type GenerationBody,
  type ImagesResponseBody,
  maiImageQuery,
  parseImageGenerationRequest,
  parseStrictly,
  readMaiImageBody,
  withSize,
} from '@darkroom/contracts/http';
import { Body, Controller, HttpCode, Post, Query, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { callerOf } from '../auth/caller.js';
import { TenantModels } from '../models/tenant-models.js';
import { ImagesAnswer } from './images-answer.js';

/** Azure's endpoint for MAI images: another way to write a request, and the same from there on. */
@Controller('mai/v1/images')
export class MaiController {
  private readonly models: TenantModels;
  private readonly images: ImagesAnswer;

  constructor(models: TenantModels, images: ImagesAnswer) {
    this.models = models;
    this.images = images;
  }

  /** Makes an image of a prompt. */
  @Post('generations')
  @HttpCode(200)
  async generate(
    @Body() sent: unknown,
    @Query() query: unknown,
    @Req() http: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<ImagesResponseBody | GenerationBody | undefined> {
    parseStrictly(maiImageQuery, query);
    const { body, size } = readMaiImageBody(sent);
    const prepared = await this.models.prepare(body, callerOf(http));
    const request = withSize(parseImageGenerationRequest(prepared.body, prepared.models), size);
    return await this.images.give({ request, http, reply });
  }
}
