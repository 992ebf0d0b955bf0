import type { ModelVerificationBody, WorkerVerificationBody } from '@darkroom/contracts/admin';
import type { FileCheckOrder } from '@darkroom/service-kit/queue';
import type { FleetWorker } from '../fleet/fleet-workers.js';

/** A worker that has not begun in so long, some of its reports, does not answer. */
const PATIENCE_MS = 15_000;

/** A verification as the admin API shows it: what each worker that was asked has answered. */
export function viewVerification(
  model: string,
  digest: string,
  order: FileCheckOrder,
  own: readonly FleetWorker[],
  nowMs: number,
): ModelVerificationBody {
  const workers = order.workerIds.map((id) => {
    const worker = own.find(({ report }) => report.workerId === id);
    return viewAnswer(id, worker, { digest, orderId: order.id, isLate: nowMs - order.atMs >= PATIENCE_MS });
  });
  return {
    id: order.id,
    model,
    started_at: new Date(order.atMs).toISOString(),
    started_by: order.by,
    state: stateOf(workers),
    digest: digest || null,
    workers,
  };
}

function viewAnswer(
  id: string,
  worker: FleetWorker | undefined,
  { digest, orderId, isLate }: { readonly digest: string; readonly orderId: string; readonly isLate: boolean },
): WorkerVerificationBody {
  const { fileCheck, identity } = worker?.report ?? {};
  const answer = fileCheck?.id === orderId ? fileCheck : undefined;
  const state = () => {
    if (answer === undefined) return isLate ? 'not_answered' : 'waiting';
    if (!answer.ended) return 'reading';
    if (answer.problem !== '') return 'failed';
    if (answer.different > 0) return 'different';
    // What it runs may have been exchanged on disk since.
    return answer.digest === digest && answer.digest === identity?.modelDigest ? 'same' : 'other_revision';
  };
  return {
    id,
    host: identity?.host || null,
    state: state(),
    bytes_read: answer?.bytesRead ?? 0,
    bytes: answer?.bytes ?? 0,
    digest: answer?.digest || null,
    files: answer?.files || null,
    different: answer?.different ?? 0,
    differences: (answer?.differences ?? []).map(({ file, expected, actual }) => ({ file, expected, actual: actual || null })),
    problem: answer?.problem || null,
  };
}

function stateOf(workers: readonly WorkerVerificationBody[]): ModelVerificationBody['state'] {
  const some = (...states: readonly WorkerVerificationBody['state'][]) => workers.some(({ state }) => states.includes(state));
  if (some('waiting', 'reading')) return 'running';
  if (some('different', 'other_revision')) return 'different';
  return some('failed', 'not_answered') ? 'incomplete' : 'same';
}
