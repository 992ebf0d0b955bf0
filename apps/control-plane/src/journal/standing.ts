import { fromQueue } from '@darkroom/contracts';
import type { JobStanding } from '@darkroom/service-kit/queue';

/** How a generation that a worker has begun was seen to stand in its queue. */
export interface Standing {
  readonly id: string;
  readonly status: 'running' | 'succeeded' | 'failed' | 'cancelled';
  /** Of the error of one that has not succeeded. */
  readonly errorCode: string | null;
  readonly errorMessage: string | null;
  readonly startedAt: Date | null;
  readonly endedAt: Date | null;
  readonly attempts: number;
  readonly worker: string | null;
}

/** Tells how a generation stands by its job; undefined where that waits for its first worker, or is not there. */
export function standingOf(id: string, job: JobStanding | undefined): Standing | undefined {
  if (job === undefined || (job.startedAtMs === undefined && job.endedAtMs === undefined)) return undefined;
  const { attempts, worker = null, startedAtMs, endedAtMs, failedReason } = job;
  return {
    id,
    attempts,
    worker,
    startedAt: momentOf(startedAtMs),
    endedAt: momentOf(endedAtMs),
    ...endOf(endedAtMs, failedReason),
  };
}

function endOf(endedAtMs: number | undefined, failedReason: string | undefined) {
  if (endedAtMs === undefined) return { status: 'running', errorCode: null, errorMessage: null } as const;
  if (failedReason === undefined) return { status: 'succeeded', errorCode: null, errorMessage: null } as const;
  const { code, message } = fromQueue(failedReason);
  return { status: code === 'cancelled' ? 'cancelled' : 'failed', errorCode: code, errorMessage: message } as const;
}

function momentOf(atMs: number | undefined): Date | null {
  return atMs === undefined ? null : new Date(atMs);
}
