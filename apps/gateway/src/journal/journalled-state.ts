import { DarkroomError, GenerationJob, GenerationResult, isErrorCode, type JournalEntry, resultKey } from '@darkroom/contracts';
import { JOB_RETENTION_SECONDS } from '@darkroom/service-kit/queue';
import { Injectable } from '@nestjs/common';
import { Blobs } from '../files/blobs.provider.js';
import type { GenerationState } from '../queue/generation-state.js';
import { Journal } from './journal.js';

/** Tells of generations that are in no queue, since that was lost or has not got them yet, by the journal and the stored results. */
@Injectable()
export class JournalledStates {
  private readonly journal: Journal;
  private readonly blobs: Blobs;

  constructor(journal: Journal, blobs: Blobs) {
    this.journal = journal;
    this.blobs = blobs;
  }

  /**
   * Looks a generation up; undefined when there is none of that id, or none any more. Of one that has ended, what it was made of is not
   * known any more.
   *
   * @throws {DarkroomError} Thrown with `unavailable` when the control plane can't be asked.
   */
  async find(id: string): Promise<GenerationState | undefined> {
    const entry = await this.journal.find(id);
    if (entry === undefined || entry.createdAtMs < Date.now() - JOB_RETENTION_SECONDS * 1000) return undefined;
    return await this.stateOf(entry);
  }

  /**
   * Looks a generation up however long ago it was made, as {@link find} does; undefined also when its result is not kept any more.
   *
   * @throws {DarkroomError} Thrown with `unavailable` when the control plane or the blob store can't be asked.
   */
  async findOfAnyAge(id: string): Promise<GenerationState | undefined> {
    const entry = await this.journal.find(id);
    return entry && (await this.stateOf(entry));
  }

  private async stateOf(entry: JournalEntry): Promise<GenerationState | undefined> {
    const common = { job: jobOf(entry), progress: undefined, result: undefined, error: undefined };
    switch (entry.status) {
      case 'accepted':
      case 'running':
        return { ...common, status: 'queued' };
      case 'succeeded': {
        const bytes = await (await this.blobs.store()).get(resultKey(entry.id));
        return bytes && { ...common, status: 'succeeded', result: GenerationResult.decode(bytes) };
      }
      case 'failed':
      case 'cancelled':
        return { ...common, status: entry.status, error: errorOf(entry) };
      default:
        return undefined;
    }
  }
}

function jobOf(entry: JournalEntry): GenerationJob {
  if (entry.job.length > 0) return GenerationJob.decode(entry.job);
  const { id, tenantId, keyId, model, createdAtMs, imageCount, width, height, steps } = entry;
  return GenerationJob.fromPartial({ id, tenantId, keyId, model, createdAtMs, imageCount, width, height, steps });
}

function errorOf({ errorCode, errorMessage }: JournalEntry): DarkroomError {
  const code = isErrorCode(errorCode) ? errorCode : 'internal';
  return new DarkroomError({ code, message: errorMessage || 'the generation has failed' });
}
