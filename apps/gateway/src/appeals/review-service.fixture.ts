/** The control plane's part in reviews, for the gateway's specs: it keeps them in memory, and its own specs say that it is right. */
import { DarkroomError, type Review, type ReviewServiceService } from '@darkroom/contracts';
import type { Handlers } from '@darkroom/service-kit';

/** Decisions that can be appealed against, with whose they are and of which generation. */
export const DECISIONS = new Map<string, { readonly tenantId: string; readonly generationId: string }>();

/** Reviews by their decisions. */
export const REVIEWS = new Map<string, Review>();

const notFound = () => new DarkroomError({ code: 'not_found', message: 'there is no such decision', param: 'id' });

export const reviewHandlers: Handlers<typeof ReviewServiceService> = {
  appeal: ({ tenantId, decisionId, generationId, text }) => {
    const [id, decision] =
      [...DECISIONS].find(([key, one]) => (decisionId === '' ? one.generationId === generationId : key === decisionId)) ?? [];
    if (id === undefined || decision?.tenantId !== tenantId) throw notFound();
    if (text === 'again, in other words') throw new DarkroomError({ code: 'conflict', message: 'it has been appealed against' });
    const review = { decisionId: id, generationId: decision.generationId, status: 'open', appealedAtMs: 1_500, reason: '' };
    REVIEWS.set(id, review);
    return { review };
  },
  getReview: ({ tenantId, decisionId }) => {
    const review = REVIEWS.get(decisionId);
    if (review === undefined || DECISIONS.get(decisionId)?.tenantId !== tenantId) throw notFound();
    return { review };
  },
};
