import { DarkroomError } from '@darkroom/contracts';
import type { FastifyRequest } from 'fastify';

/** Whose key a request carries. */
export interface Caller {
  readonly tenantId: string;
  readonly keyId: string;
}

const callers = new WeakMap<FastifyRequest, Caller>();

/** Remembers whose request this is, for as long as the request lives. */
export function setCaller(request: FastifyRequest, caller: Caller): void {
  callers.set(request, caller);
}

/**
 * Returns whose request this is.
 *
 * @throws {DarkroomError} Thrown with `unauthenticated` on a route that asks for no key, which would be a mistake of ours.
 */
export function callerOf(request: FastifyRequest): Caller {
  const caller = callers.get(request);
  if (caller === undefined) throw new DarkroomError({ code: 'unauthenticated', message: 'the request carries no API key' });
  return caller;
}
