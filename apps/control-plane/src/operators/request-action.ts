import type { FastifyRequest } from 'fastify';
import type { Action } from './operator-actions.js';
import type { AuditRule } from './route-rules.js';

/** Tells what a request is about to do, by its route's rule. */
export function actionOf({ params, body }: Pick<FastifyRequest, 'params' | 'body'>, rule: AuditRule): Action {
  const path = params as Readonly<Record<string, string>>;
  const fields = (typeof body === 'object' && body !== null ? body : {}) as Readonly<Record<string, unknown>>;
  const known = { ...fields, ...path };
  const facts = Object.fromEntries(rule.facts.flatMap((name) => (Object.hasOwn(known, name) ? [[name, known[name]]] : [])));
  return { action: rule.action, subject: path[rule.subject] ?? '', facts };
}
