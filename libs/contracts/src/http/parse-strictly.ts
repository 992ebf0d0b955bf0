import type { z } from 'zod';
import { DarkroomError } from '../error/darkroom-error.js';

/** Longest part of an unknown parameter's name that an answer repeats. */
const longestShown = 64;

/**
 * Checks a body or a query against a strict schema, whose own messages name the parameter and what is allowed.
 *
 * @param hints what to do instead of using a parameter that is not known, by its name.
 * @throws {DarkroomError} Thrown with `invalid_argument` for the first thing that is wrong, since a client mends one at a time: a
 *   parameter that is unknown, missing, or not what the schema allows.
 */
export function parseStrictly<Schema extends z.ZodObject>(
  schema: Schema,
  value: unknown,
  hints: Readonly<Record<string, string>> = {},
): z.output<Schema> {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const { issues } = parsed.error;
  const issue = issues.find(({ code }) => code === 'unrecognized_keys') ?? issues[0];
  if (issue?.code === 'unrecognized_keys') {
    const known = Object.keys(schema.shape).map((key) => `\`${key}\``);
    const param = (issue.keys[0] ?? '').slice(0, longestShown);
    const hint = hints[param] ?? 'leave it out';
    throw invalid(`\`${param}\` is not supported; ${hint}. Supported: ${known.join(', ') || 'none'}`, param);
  }
  const [param] = issue?.path ?? [];
  if (issue === undefined || param === undefined) throw invalid('the request body must be a JSON object', 'body');
  const isMissing = typeof value === 'object' && value !== null && !(String(param) in value);
  throw invalid(isMissing ? `${issue.message}; it is missing` : issue.message, String(param));
}

/**
 * Checks a header against its schema, whose messages name the header and what is allowed.
 *
 * @throws {DarkroomError} Thrown with `invalid_argument` when it is something else, or there more than once.
 */
export function parseHeader<Schema extends z.ZodType>(name: string, schema: Schema, value: unknown): z.output<Schema> {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw invalid(parsed.error.issues[0]?.message ?? `the header ${name} is not valid`, name);
}

function invalid(message: string, param: string): DarkroomError {
  return new DarkroomError({ code: 'invalid_argument', message, param });
}
