import { DarkroomError, isDecisionId, isGenerationId, type Review } from '@darkroom/contracts';
import { Injectable } from '@nestjs/common';
import type { Caller } from '../auth/caller.js';
import { Neighbours } from '../neighbours/neighbours.js';
import { notTheirFault } from '../neighbours/not-their-fault.js';

/** What a tenant appeals against. */
export type Appealed = { readonly decisionId: string } | { readonly generationId: string };

/** Passes appeals on to the control plane, which keeps reviews. */
@Injectable()
export class Appeals {
  private readonly neighbours: Neighbours;

  constructor(neighbours: Neighbours) {
    this.neighbours = neighbours;
  }

  /**
   * Enters an appeal and returns how its review stands.
   *
   * @throws {DarkroomError} Thrown with `not_found` when the tenant has no such decision, and with `conflict` when there is nothing to
   *   appeal against, or it was done in other words.
   */
  async enter({ tenantId }: Caller, appealed: Appealed, text: string): Promise<Review> {
    const { decisionId, generationId } = { decisionId: '', generationId: '', ...appealed };
    if (!isDecisionId(decisionId) && !isGenerationId(generationId)) throw notFound();
    return await this.answered(this.neighbours.reviews.appeal({ tenantId, decisionId, generationId, text }));
  }

  /**
   * Tells how the review of a decision stands.
   *
   * @throws {DarkroomError} Thrown with `not_found` when nobody was asked to look at it.
   */
  async find({ tenantId }: Caller, decisionId: string): Promise<Review> {
    if (!isDecisionId(decisionId)) throw notFound();
    return await this.answered(this.neighbours.reviews.getReview({ tenantId, decisionId }));
  }

  private async answered(asked: Promise<{ readonly review: Review | undefined }>): Promise<Review> {
    const { review } = await asked.catch((error: unknown) => {
      throw notTheirFault(error, ['not_found', 'conflict'], 'appeals can not be entered or looked at at the moment');
    });
    if (review === undefined) throw notFound();
    return review;
  }
}

function notFound(): DarkroomError {
  return new DarkroomError({ code: 'not_found', message: 'there is no such decision, or no appeal against it', param: 'id' });
}
