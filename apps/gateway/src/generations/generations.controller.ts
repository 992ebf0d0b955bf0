import { DarkroomError } from '@darkroom/contracts';
import {
  type GenerationBody,
  type GenerationListBody,
  generationQuery,
  parseImageGenerationRequest,
  parseStrictly,
  replayBody,
} from '@darkroom/contracts/http';
import { Body, Controller, Delete, Get, HttpCode, Param, Post, Query, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { callerOf } from '../auth/caller.js';
import { isForm } from '../edits/edit-forms.js';
import { type EditRequest, EditRequests } from '../edits/edit-requests.js';
import { TenantModels } from '../models/tenant-models.js';
import { type GenerationState, hasEnded } from '../queue/generation-state.js';
import { parseIdempotencyKey } from '../queue/idempotency.js';
import { GenerationService } from './generation.service.js';
import { GenerationList } from './generation-list.js';
import { GenerationViewer } from './generation-viewer.js';
import { GenerationReplay } from './replay.js';

/** A request for a generation, with the picture that it edits, if any. */
type AskedGeneration = Pick<EditRequest, 'request'> & Partial<EditRequest>;

/** Hanging up changes nothing for who need not stay. */
const stays = { signal: new AbortController().signal };

/** Generations as jobs: asked for at once, looked at for a day, listed and cancelled. */
@Controller('v1/generations')
export class GenerationsController {
  private readonly models: TenantModels;
  private readonly edits: EditRequests;
  private readonly generations: GenerationService;
  private readonly generationList: GenerationList;
  private readonly replays: GenerationReplay;
  private readonly viewer: GenerationViewer;

  constructor(
    models: TenantModels,
    edits: EditRequests,
    generations: GenerationService,
    generationList: GenerationList,
    replays: GenerationReplay,
    viewer: GenerationViewer,
  ) {
    this.models = models;
    this.edits = edits;
    this.generations = generations;
    this.generationList = generationList;
    this.replays = replays;
    this.viewer = viewer;
  }

  /** Enqueues a generation, of a form with a picture an edit, and returns its state; nobody has to stay for it. */
  @Post()
  @HttpCode(202)
  async create(
    @Body() body: unknown,
    @Req() http: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<GenerationBody> {
    const begin = async (asked: AskedGeneration) => this.accepted(await this.begin(asked, http), http, reply);
    if (isForm(http)) return await this.edits.read(http, begin);
    const prepared = await this.models.prepare(body, callerOf(http));
    return await begin({ request: parseImageGenerationRequest(prepared.body, prepared.models) });
  }

  /** Makes a generation again, which has to give the same bytes: its own view tells in the end whether it did. */
  @Post(':id/replay')
  @HttpCode(202)
  async replay(
    @Param('id') original: string,
    @Body() body: unknown,
    @Req() http: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<GenerationBody> {
    const idempotencyKey = parseIdempotencyKey(http.headers['idempotency-key']);
    parseStrictly(replayBody, body ?? {});
    return await this.accepted(await this.replays.submit(original, callerOf(http), { ...stays, idempotencyKey }), http, reply);
  }

  /** Lists a tenant's generations, the newest first, a page at a time. */
  @Get()
  async list(@Query() query: unknown, @Req() http: FastifyRequest): Promise<GenerationListBody> {
    const { states, hasMore } = await this.generationList.page(callerOf(http).tenantId, parseStrictly(generationQuery, query));
    const data = await Promise.all(states.map((state) => this.viewer.view(state, http)));
    return { object: 'list', data, first_id: data[0]?.id ?? null, last_id: data.at(-1)?.id ?? null, has_more: hasMore };
  }

  @Get(':id')
  async retrieve(@Param('id') id: string, @Req() http: FastifyRequest): Promise<GenerationBody> {
    return await this.viewer.view(await this.generations.find(id, callerOf(http)), http);
  }

  /** Cancels a generation; 202 while it is still ending, 200 when it has ended. Doing it again changes nothing. */
  @Delete(':id')
  async cancel(
    @Param('id') id: string,
    @Req() http: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<GenerationBody> {
    const state = await this.generations.cancel(id, callerOf(http));
    void reply.status(hasEnded(state) ? 200 : 202);
    return await this.viewer.view(state, http);
  }

  private async begin({ request, picture }: AskedGeneration, http: FastifyRequest): Promise<GenerationState> {
    if (request.streams) {
      throw new DarkroomError({
        code: 'invalid_argument',
        message: '`stream` is not supported here; GET /v1/generations/{id}/events streams what happens to a generation',
        param: 'stream',
      });
    }
    const idempotencyKey = parseIdempotencyKey(http.headers['idempotency-key']);
    return await this.generations.submit(request, callerOf(http), { ...stays, idempotencyKey, picture });
  }

  private async accepted(state: GenerationState, http: FastifyRequest, reply: FastifyReply): Promise<GenerationBody> {
    const { id } = state.job;
    void reply.header('x-request-id', id).header('location', `/v1/generations/${id}`);
    return await this.viewer.view(state, http);
  }
}
