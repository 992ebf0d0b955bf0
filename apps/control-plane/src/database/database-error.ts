import { DarkroomError } from '@darkroom/contracts';

/** SQLSTATE of a row that refers to another one which doesn't exist. */
const FOREIGN_KEY_VIOLATION = '23503';

// Classes of SQLSTATE that tell of the server's state rather than of the query: connection, resources, operator intervention.
const UNAVAILABLE_CLASSES = ['08', '53', '57'];

/** Gives what a query threw one of our codes. Drizzle's own message quotes the query with its values, so only the cause is kept. */
export function fromDatabase(thrown: unknown): unknown {
  if (thrown instanceof DarkroomError || !(thrown instanceof Error)) return thrown;
  const cause = thrown.cause instanceof Error ? thrown.cause : thrown;
  const code = (cause as { code?: unknown }).code;
  const sqlState = typeof code === 'string' && /^[0-9A-Z]{5}$/.test(code) ? code : undefined;
  if (sqlState === FOREIGN_KEY_VIOLATION) {
    return new DarkroomError({ code: 'invalid_argument', message: 'the tenant or key does not exist', cause });
  }
  if (sqlState === undefined || UNAVAILABLE_CLASSES.includes(sqlState.slice(0, 2))) {
    return new DarkroomError({ code: 'unavailable', message: 'the database does not answer', retryAfterSeconds: 2, cause });
  }
  return cause;
}
