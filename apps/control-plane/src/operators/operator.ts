import { DarkroomError } from '@darkroom/contracts';
import type { OperatorRole, Permission, SignInWay } from '@darkroom/contracts/admin';
import type { FastifyRequest } from 'fastify';

/** Who makes a request of the admin API. */
export interface Operator {
  readonly name: string;
  readonly role: OperatorRole;
  readonly via: SignInWay;
}

/** What each role may; what is not here, nobody may. */
export const rolePermissions: Readonly<Record<OperatorRole, readonly Permission[]>> = {
  viewer: ['read'],
  reviewer: ['read', 'content', 'review'],
  operator: ['read', 'content', 'operate'],
  admin: ['read', 'content', 'review', 'operate', 'administer'],
};

const operators = new WeakMap<FastifyRequest, Operator>();

/** Remembers who makes a request, for as long as the request lives. */
export function setOperator(request: FastifyRequest, operator: Operator): void {
  operators.set(request, operator);
}

/**
 * Returns who makes a request.
 *
 * @throws {DarkroomError} Thrown with `unauthenticated` on a route that is open to all, which would be a mistake of ours.
 */
export function operatorOf(request: FastifyRequest): Operator {
  const operator = operators.get(request);
  if (operator === undefined) throw new DarkroomError({ code: 'unauthenticated', message: 'nobody has signed in' });
  return operator;
}

/**
 * Names who reviews or decides something: a person who has signed in is who it is; of whoever has the admin token, the body must say.
 *
 * @throws {DarkroomError} Thrown with `invalid_argument`, naming the field, when the body names nobody or somebody else.
 */
export function personOf({ name, via }: Operator, named: string | undefined, param: string): string {
  if (via === 'token') {
    if (named !== undefined) return named;
    const message = `\`${param}\` must be a text of 1 to 100 characters: the admin token doesn't tell who uses it; it is missing`;
    throw new DarkroomError({ code: 'invalid_argument', message, param });
  }
  if (named === undefined || named === name) return name;
  const message = `\`${param}\` must be the name of who has signed in; leave it out`;
  throw new DarkroomError({ code: 'invalid_argument', message, param });
}
