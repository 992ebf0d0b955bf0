import type { GenerationQuery } from '@darkroom/contracts/http';
import { Injectable } from '@nestjs/common';
import { Journal } from '../journal/journal.js';
import { GenerationJobs } from '../queue/generation-jobs.js';
import type { GenerationState } from '../queue/generation-state.js';
import { EarlierIndex } from './earlier-index.js';

/** So many generations are looked at for one page at most, however few of them a filter lets through. */
const MOST_LOOKS = 1_000;

/** One page of a list. */
export interface GenerationPage {
  readonly states: readonly GenerationState[];
  /** Whether there may be more after the last one. */
  readonly hasMore: boolean;
}

/** Lists a tenant's generations. */
@Injectable()
export class GenerationList {
  private readonly journal: Journal;
  private readonly earlier: EarlierIndex;
  private readonly jobs: GenerationJobs;

  constructor(journal: Journal, earlier: EarlierIndex, jobs: GenerationJobs) {
    this.journal = journal;
    this.earlier = earlier;
    this.jobs = jobs;
  }

  /**
   * Returns the next page, the newest generations first.
   *
   * @throws {DarkroomError} Thrown with `unavailable` while Redis or the control plane is away.
   */
  async page(tenantId: string, { after, limit, status, model, user }: GenerationQuery): Promise<GenerationPage> {
    const states: GenerationState[] = [];
    let cursor = after;
    for (let looks = 0; looks < MOST_LOOKS; looks += limit) {
      const ids = await this.ids(tenantId, cursor, limit);
      const found = await Promise.all(ids.map((id) => this.jobs.find(id)));
      for (const [position, state] of found.entries()) {
        const isWanted =
          state !== undefined &&
          (status === undefined || state.status === status) &&
          (model === undefined || state.job.model === model) &&
          (user === undefined || state.job.user === user);
        if (isWanted) states.push(state);
        if (states.length === limit) return { states, hasMore: position < ids.length - 1 || ids.length === limit };
      }
      if (ids.length < limit) return { states, hasMore: false };
      cursor = ids.at(-1);
    }
    return { states, hasMore: true };
  }

  /** Ids sort by the time they were made, so the newest of both lists are the newest of all. */
  private async ids(tenantId: string, after: string | undefined, limit: number): Promise<string[]> {
    const both = await Promise.all([this.journal.page(tenantId, after, limit), this.earlier.page(tenantId, after, limit)]);
    return [...new Set(both.flat())].sort().reverse().slice(0, limit);
  }
}
