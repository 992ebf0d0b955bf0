import type { Permission } from '@darkroom/contracts/admin';
import { createParamDecorator, type ExecutionContext, SetMetadata } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { operatorOf } from './operator.js';

const NEEDS = 'darkroom:needs';
const AUDITED = 'darkroom:audited';

/** What a route needs of an operator; `nothing` is for signing in. */
export type Need = Permission | 'nothing';

/** How the audit log tells of a route's use. */
export interface AuditRule {
  /** What is done, for instance `tenant.create`. */
  readonly action: string;
  /** The parameter of the path that names what it is done to; without it, the `id` of the answer. */
  readonly subject: string;
  /** Parameters of the path and fields of the body that the log is to have besides; never a prompt or a secret. */
  readonly facts: readonly string[];
  /** Fields of the answer that it is to have when it was done. */
  readonly answer: readonly string[];
}

/** Says which permission a route needs; one without is refused when the service starts. */
export function Needs(need: Need) {
  return SetMetadata(NEEDS, need);
}

/** Has the audit log tell of each use of a route, also of those that were refused or failed; every route that changes something needs it. */
export function Audited(action: string, { subject = 'id', facts = [], answer = [] }: Partial<Omit<AuditRule, 'action'>> = {}) {
  return SetMetadata(AUDITED, { action, subject, facts, answer } satisfies AuditRule);
}

/** Gives a handler the operator who makes the request. */
export const CurrentOperator = createParamDecorator((_: unknown, context: ExecutionContext) =>
  operatorOf(context.switchToHttp().getRequest<FastifyRequest>()),
);

/** Returns what a handler needs; undefined when nobody has said. */
export function needOf(handler: object): Need | undefined {
  return Reflect.getMetadata(NEEDS, handler) as Need | undefined;
}

/** Returns how the audit log tells of a handler's use; undefined when it doesn't. */
export function auditRuleOf(handler: object): AuditRule | undefined {
  return Reflect.getMetadata(AUDITED, handler) as AuditRule | undefined;
}

/** Tells whether a method changes nothing. */
export function isReading(method: string): boolean {
  return method === 'GET' || method === 'HEAD' || method === 'OPTIONS';
}
