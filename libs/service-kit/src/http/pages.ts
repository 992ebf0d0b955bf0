import { access } from 'node:fs/promises';
import { join } from 'node:path';
import { DarkroomError } from '@darkroom/contracts';
import fastifyStatic from '@fastify/static';
import type { FastifyInstance } from 'fastify';
import { sendError } from './error-filter.js';

/** What a page may load: nothing from elsewhere; React sets styles on elements. */
const CONTENT_SECURITY_POLICY = [
  "default-src 'self'",
  "img-src 'self' blob: data:",
  "style-src 'self' 'unsafe-inline'",
  "object-src 'none'",
  "base-uri 'none'",
  "form-action 'self'",
  "frame-ancestors 'none'",
].join('; ');

/** Headers of every page that a service serves, and of what belongs to it. */
export const PAGE_HEADERS = {
  'content-security-policy': CONTENT_SECURITY_POLICY,
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
} as const;

/** How long a file is kept whose name changes with its content. */
export const KEPT_FOR_GOOD = 'public, max-age=31536000, immutable';

/** A built page. */
export interface BuiltPage {
  /** Folder with its index.html and its files. */
  readonly root: string;
  /** Tells which other paths are places in the page, which finds its way by itself; none unless given. */
  readonly isPlace?: (path: string) => boolean;
}

/**
 * Serves a built page at a service's root.
 *
 * @returns whether it is there; what has not been built is not served.
 */
export async function servePage(http: FastifyInstance, { root, isPlace }: BuiltPage): Promise<boolean> {
  const isBuilt = await access(join(root, 'index.html')).then(
    () => true,
    () => false,
  );
  if (!isBuilt) return false;
  // Not awaited: that would start Fastify before Nest has given it its routes and error handler.
  void http.register(fastifyStatic, {
    root,
    // Each file gets a route of its own, so that what is none of them is not found in the API's own words.
    wildcard: false,
    setHeaders: (reply, path) => {
      reply.headers(PAGE_HEADERS);
      reply.header('cache-control', path.includes('/assets/') ? KEPT_FOR_GOOD : 'no-cache');
    },
  });
  if (isPlace !== undefined) {
    http.get('/*', (request, reply) => {
      if (isPlace(request.url.split('?')[0] ?? '')) return reply.sendFile('index.html');
      sendError(reply, new DarkroomError({ code: 'not_found', message: 'there is no such route' }));
      return reply;
    });
  }
  return true;
}
