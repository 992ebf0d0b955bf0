import { setTimeout as sleep } from 'node:timers/promises';
import { DarkroomError, type ErrorCode } from '@darkroom/contracts';

/**
 * Failures that pass by themselves or by an operator's hand: the service is away, stopping, overloaded, or has a bad file.
 * A call that is cancelled while nobody here cancelled it was dropped by a service that is stopping.
 */
const passing: ReadonlySet<ErrorCode> = new Set(['unavailable', 'cancelled', 'deadline_exceeded', 'model_damaged']);

/** Tells whether the same work may well succeed later. */
export function mayPass(error: DarkroomError): boolean {
  return passing.has(error.code);
}

/** How patient to be. */
export interface Patience {
  /** Ends the waiting. */
  readonly signal: AbortSignal;
  /** Milliseconds after which no further attempt is made. */
  readonly patienceMs: number;
  /** Told of each failure that is waited out. */
  readonly onWait: (error: DarkroomError) => void;
}

const firstWaitMs = 250;
const longestWaitMs = 5_000;

/**
 * Repeats work while what it needs is away, so that a restarted neighbour does not cost the steps already made.
 *
 * @throws {DarkroomError} Thrown when the failure is none that passes, when patience ends, or with `cancelled` on the signal.
 */
export async function patiently<Result>(work: () => Promise<Result>, { signal, patienceMs, onWait }: Patience): Promise<Result> {
  const end = performance.now() + patienceMs;
  for (let waitMs = firstWaitMs; ; waitMs = Math.min(2 * waitMs, longestWaitMs)) {
    try {
      return await work();
    } catch (thrown) {
      const error = DarkroomError.from(thrown);
      if (!mayPass(error) || signal.aborted || performance.now() + waitMs > end) {
        throw error;
      }
      onWait(error);
    }
    await sleep(waitMs, undefined, { signal }).catch((error: unknown) => {
      throw DarkroomError.from(error);
    });
  }
}
