import { setTimeout as sleep } from 'node:timers/promises';
import { DarkroomError } from '@darkroom/contracts';
import type { Part, Problem } from '@darkroom/contracts/admin';

/** So long a source may take before the answer goes without it. */
const PATIENCE_MS = 2_000;

/** What a source told: something, nothing, or why it could not be asked. */
export type Told<T> = { readonly value: T | undefined } | Problem;

/** Asks a source; one that is away or slow is a problem of its own part of the answer, and of no other. */
export async function ask<T>(source: string, work: () => Promise<T | undefined>): Promise<Told<T>> {
  const over = new AbortController();
  const late = sleep(PATIENCE_MS, undefined, { signal: over.signal }).then(() => {
    throw new DarkroomError({ code: 'deadline_exceeded', message: `it did not answer within ${PATIENCE_MS / 1_000} seconds` });
  });
  try {
    return { value: await Promise.race([work(), late]) };
  } catch (error) {
    return { problem: `${source} could not be asked: ${DarkroomError.from(error).message}` };
  } finally {
    late.catch(() => undefined);
    over.abort();
  }
}

/** Shows what a source told, or its problem. */
export function shown<T, Shown>(told: Told<T>, view: (value: T) => Shown | null): Part<Shown> {
  if ('problem' in told) return told;
  return told.value === undefined ? null : view(told.value);
}
