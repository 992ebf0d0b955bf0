import { DarkroomError } from '@darkroom/contracts';
import type { AdminGenerationBody, PromptBody, RetryBody, WholeGenerationBody } from '@darkroom/contracts/admin';
import { idempotencyKeyHeader, parseHeader, parseStrictly, ranges } from '@darkroom/contracts/http';
import { Controller, Get, Headers, HttpCode, Param, Post, Query, Res } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { GenerationJournal, type GenerationRow } from '../journal/generation-journal.js';
import { Audited, Needs } from '../operators/route-rules.js';
import { TenantRepository } from '../tenants/tenant.repository.js';
import { viewGeneration } from './generation.views.js';
import { GenerationActions } from './generation-actions.js';
import { GenerationFiles } from './generation-files.js';
import { GenerationReport } from './generation-report.js';
import { generationsQuery } from './generations.schemas.js';

/** The operators' view of all tenants' generations, and what they do about them. */
@Controller('admin/v1/generations')
export class GenerationsController {
  constructor(
    private readonly journal: GenerationJournal,
    private readonly tenants: TenantRepository,
    private readonly report: GenerationReport,
    private readonly actions: GenerationActions,
    private readonly files: GenerationFiles,
  ) {}

  @Get()
  @Needs('read')
  async list(@Query() query: unknown) {
    const { tenant, key, id, error, limit, ...wanted } = parseStrictly(generationsQuery, query);
    const tenantId = tenant === undefined ? undefined : await this.tenants.idOf(tenant);
    const filter = { ...wanted, tenantId, keyId: key, errorCode: error, idPrefix: id };
    // One more than asked for tells whether there are more.
    const found = await this.journal.list({ ...filter, limit: limit + 1 });
    const data: AdminGenerationBody[] = found.slice(0, limit).map(viewGeneration);
    return { object: 'list', data, has_more: found.length > limit };
  }

  @Get(':id')
  @Needs('read')
  async show(@Param('id') id: string): Promise<WholeGenerationBody> {
    return await this.report.of(await this.find(id));
  }

  @Post(':id/prompt')
  @Needs('content')
  @Audited('generation.read_prompt')
  @HttpCode(200)
  async prompt(@Param('id') id: string): Promise<PromptBody> {
    return await this.actions.prompts(await this.find(id));
  }

  /** Shows an image as its tenant gets it: what a reviewer has not let go yet is blurred. */
  @Get(':id/images/:index')
  @Needs('content')
  @Audited('generation.read_image', { facts: ['index'] })
  async image(@Param('id') id: string, @Param('index') index: string, @Res() reply: FastifyReply): Promise<void> {
    const picture = await this.files.picture((await this.find(id)).id, parseIndex(index));
    if (picture === undefined) {
      throw new DarkroomError({
        code: 'not_found',
        message: 'there is no such image, or it is not kept any more',
        param: 'index',
      });
    }
    await reply
      .type(picture.contentType)
      .header('cache-control', 'no-store')
      .header('x-content-type-options', 'nosniff')
      .send(picture.bytes);
  }

  /** Cancels a generation; one that a worker has ends within a step, which the journal hears of within seconds. */
  @Post(':id/cancel')
  @Needs('operate')
  @Audited('generation.cancel')
  @HttpCode(202)
  async cancel(@Param('id') id: string): Promise<AdminGenerationBody> {
    await this.actions.cancel(await this.find(id));
    return viewGeneration(await this.find(id));
  }

  /** Makes a generation anew that did not succeed. */
  @Post(':id/retry')
  @Needs('operate')
  @Audited('generation.retry', { answer: ['id'] })
  @HttpCode(202)
  async retry(@Param('id') id: string, @Headers('idempotency-key') header: unknown): Promise<RetryBody> {
    const idempotencyKey = parseHeader('Idempotency-Key', idempotencyKeyHeader, header);
    if (idempotencyKey === undefined) {
      const message = 'a retry needs the header Idempotency-Key, so that it is made once however often it is sent; it is missing';
      throw new DarkroomError({ code: 'invalid_argument', message, param: 'Idempotency-Key' });
    }
    return { id: await this.actions.retry(await this.find(id), idempotencyKey), retry_of: id };
  }

  private async find(id: string): Promise<GenerationRow> {
    const row = await this.journal.find(id);
    if (row !== undefined) return row;
    throw new DarkroomError({ code: 'not_found', message: 'the journal has no such generation', param: 'id' });
  }
}

function parseIndex(text: string): number {
  const last = ranges.n.max - 1;
  if (/^\d{1,3}$/.test(text) && Number(text) <= last) return Number(text);
  throw new DarkroomError({
    code: 'invalid_argument',
    message: `\`index\` must be a whole number from 0 to ${last}`,
    param: 'index',
  });
}
