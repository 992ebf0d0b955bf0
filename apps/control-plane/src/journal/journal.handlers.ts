import {
  AcceptedGeneration,
  type AcceptRequest,
  type AcceptResponse,
  DarkroomError,
  type FindGenerationRequest,
  type FindGenerationResponse,
  GenerationJob,
  type GetUnfinishedRequest,
  type GetUnfinishedResponse,
  isGenerationId,
  type JournalServiceService,
  type ListGenerationsRequest,
  type ListGenerationsResponse,
  type ListUnfinishedRequest,
  type ListUnfinishedResponse,
  type NoteCancellationsRequest,
  type NoteCancellationsResponse,
  type WithdrawRequest,
  type WithdrawResponse,
} from '@darkroom/contracts';
import type { Handlers } from '@darkroom/service-kit';
import { Injectable } from '@nestjs/common';
import { GenerationJournal, type NewGeneration } from './generation-journal.js';

/** Most generations of one answer that comes without jobs. */
const MOST_IDS = 10_000;

/** What gateways do with the journal of generations. */
@Injectable()
export class JournalHandlers implements Handlers<typeof JournalServiceService> {
  private readonly journal: GenerationJournal;

  constructor(journal: GenerationJournal) {
    this.journal = journal;
  }

  async accept({ generations }: AcceptRequest): Promise<AcceptResponse> {
    return { earlier: await this.journal.accept(generations.map(readAccepted)) };
  }

  async withdraw({ ids }: WithdrawRequest): Promise<WithdrawResponse> {
    await this.journal.withdraw(ids);
    return {};
  }

  async noteCancellations({ ids }: NoteCancellationsRequest): Promise<NoteCancellationsResponse> {
    await this.journal.noteCancellations(ids);
    return {};
  }

  async listGenerations({ tenantId, beforeId, limit, sinceMs }: ListGenerationsRequest): Promise<ListGenerationsResponse> {
    const page = { tenantId, since: new Date(sinceMs), before: beforeId || undefined, limit: Math.min(limit, MOST_IDS) };
    return { ids: await this.journal.idsOf(page) };
  }

  async listUnfinished({ afterId, limit }: ListUnfinishedRequest): Promise<ListUnfinishedResponse> {
    const page = await this.journal.unfinishedIds(afterId, Math.min(limit || MOST_IDS, MOST_IDS));
    return { generations: page.map(({ id, model, createdAt }) => ({ id, model, createdAtMs: createdAt.getTime() })) };
  }

  async getUnfinished({ ids }: GetUnfinishedRequest): Promise<GetUnfinishedResponse> {
    const found = await this.journal.unfinished(ids);
    return {
      generations: found.map(({ row, weight }) => ({
        accepted: AcceptedGeneration.fromPartial({
          job: row.job ?? Buffer.alloc(0),
          idempotencyKey: row.idempotencyKey ?? '',
          requestDigest: row.requestDigest ?? '',
        }),
        cancelRequested: row.cancelRequestedAt !== null,
        weight: weight ?? 0,
      })),
    };
  }

  async findGeneration({ id }: FindGenerationRequest): Promise<FindGenerationResponse> {
    const row = await this.journal.find(id);
    if (row === undefined) throw new DarkroomError({ code: 'not_found', message: 'there is no such generation', param: 'id' });
    const { tenantId, keyId, model, status, imageCount, width, height, steps } = row;
    return {
      entry: {
        ...{ id, tenantId, keyId, model, status, imageCount, width, height, steps },
        errorCode: row.errorCode ?? '',
        errorMessage: row.errorMessage ?? '',
        createdAtMs: row.createdAt.getTime(),
        job: row.job ?? Buffer.alloc(0),
      },
    };
  }
}

function readAccepted({ job: bytes, idempotencyKey, requestDigest }: AcceptedGeneration): NewGeneration {
  const job = decode(bytes);
  if (job === undefined || !isGenerationId(job.id) || job.tenantId === '' || job.keyId === '' || job.model === '') {
    const message = 'job must be a GenerationJob with its id, tenant, key and model';
    throw new DarkroomError({ code: 'invalid_argument', message, param: 'job' });
  }
  return { job, bytes, idempotencyKey: idempotencyKey || null, requestDigest: requestDigest || null };
}

function decode(bytes: Buffer): GenerationJob | undefined {
  try {
    return GenerationJob.decode(bytes);
  } catch {
    return undefined;
  }
}
