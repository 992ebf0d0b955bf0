/** The control plane's part in the journal, for the gateway's specs: it keeps it in memory, and its own specs say that it is right. */
import { type AcceptedGeneration, DarkroomError, GenerationJob, type JournalServiceService } from '@darkroom/contracts';
import type { Handlers } from '@darkroom/service-kit';

interface Kept {
  readonly accepted: AcceptedGeneration;
  readonly job: GenerationJob;
  status: string;
  cancelRequested: boolean;
}

/** What the journal in the control plane's place has. */
export const journalled = new Map<string, Kept>();

const isUnfinished = ({ status }: Kept) => status === 'accepted' || status === 'running';

/** Enters an end, as the control plane does when it sees it in a queue. */
export function endJournalled(id: string, status: string): void {
  const kept = journalled.get(id);
  if (kept !== undefined) kept.status = status;
}

function withKeyOf({ idempotencyKey }: AcceptedGeneration, { id, tenantId }: GenerationJob): Kept | undefined {
  return [...journalled.values()].find(
    ({ accepted, job }) => accepted.idempotencyKey === idempotencyKey && job.tenantId === tenantId && job.id !== id,
  );
}

export const journalHandlers: Handlers<typeof JournalServiceService> = {
  accept: ({ generations }) => {
    const earlier = generations.flatMap((accepted) => {
      const job = GenerationJob.decode(accepted.job);
      const other = accepted.idempotencyKey === '' ? undefined : withKeyOf(accepted, job);
      if (other) return [{ id: job.id, earlierId: other.job.id, requestDigest: other.accepted.requestDigest }];
      const known = journalled.get(job.id);
      if (known === undefined || known.status === 'withdrawn') {
        journalled.set(job.id, { accepted, job, status: 'accepted', cancelRequested: false });
      }
      return [];
    });
    return { earlier };
  },
  withdraw: ({ ids }) => {
    for (const id of ids) if (journalled.get(id)?.status === 'accepted') endJournalled(id, 'withdrawn');
    return {};
  },
  noteCancellations: ({ ids }) => {
    for (const kept of ids.flatMap((id) => journalled.get(id) ?? [])) kept.cancelRequested = true;
    return {};
  },
  listGenerations: ({ tenantId, beforeId, limit }) => ({
    ids: [...journalled.values()]
      .filter(({ status, job }) => status !== 'withdrawn' && job.tenantId === tenantId && (beforeId === '' || job.id < beforeId))
      .map(({ job }) => job.id)
      .sort()
      .reverse()
      .slice(0, limit),
  }),
  listUnfinished: ({ afterId, limit }) => ({
    generations: [...journalled.values()]
      .filter((kept) => isUnfinished(kept) && kept.job.id > afterId)
      .map(({ job: { id, model, createdAtMs } }) => ({ id, model, createdAtMs }))
      .sort((a, b) => (a.id < b.id ? -1 : 1))
      .slice(0, limit),
  }),
  getUnfinished: ({ ids }) => ({
    generations: ids
      .flatMap((id) => journalled.get(id) ?? [])
      .filter(isUnfinished)
      .map(({ accepted, cancelRequested }) => ({ accepted, cancelRequested, weight: 0 })),
  }),
  findGeneration: ({ id }) => {
    const kept = journalled.get(id);
    if (kept === undefined) throw new DarkroomError({ code: 'not_found', message: 'there is no such generation', param: 'id' });
    const { tenantId, keyId, model, createdAtMs, imageCount, width, height, steps } = kept.job;
    const job = isUnfinished(kept) ? kept.accepted.job : Buffer.alloc(0);
    const own = { id, tenantId, keyId, model, createdAtMs, imageCount, width, height, steps };
    return { entry: { ...own, status: kept.status, errorCode: '', errorMessage: '', job } };
  },
};
