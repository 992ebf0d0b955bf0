import { parseCookie, stringifySetCookie } from 'cookie';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { SESSION_MS } from './sessions.js';

const NAME = 'darkroom_session';

/** Reads a cookie of a request; undefined when it has none of that name. */
export function cookieOf({ headers }: Pick<FastifyRequest, 'headers'>, name = NAME): string | undefined {
  return parseCookie(headers.cookie ?? '')[name];
}

/** Gives the browser a session's secret, which no script can read. */
export function setSessionCookie(reply: FastifyReply, secret: string, isSecure: boolean): void {
  setCookie(reply, { name: NAME, value: secret, path: '/', maxAge: SESSION_MS / 1000 }, isSecure);
}

/** Has the browser forget the session. */
export function clearSessionCookie(reply: FastifyReply, isSecure: boolean): void {
  setCookie(reply, { name: NAME, value: '', path: '/', maxAge: 0 }, isSecure);
}

/** Gives the browser a cookie that no script can read, and that other sites' forms don't send. */
export function setCookie(
  reply: FastifyReply,
  cookie: { name: string; value: string; path: string; maxAge: number },
  secure: boolean,
): void {
  // More than one may be set, so that Fastify is to add it.
  void reply.header('set-cookie', stringifySetCookie({ ...cookie, secure, httpOnly: true, sameSite: 'lax' }));
}
