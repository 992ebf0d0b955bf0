import { DarkroomError, type Scope } from '@darkroom/contracts';

/** Which scopes open a route: one of them is enough. */
const routeScopes: ReadonlyMap<string, readonly Scope[]> = new Map([
  ['POST /v1/images/generations', ['generate']],
  ['POST /v1/images/edits', ['generate']],
  ['POST /mai/v1/images/generations', ['generate']],
  ['POST /v1/generations', ['generate']],
  ['POST /v1/generations/:id/replay', ['generate']],
  ['POST /v1/generations/:id/appeal', ['generate']],
  ['POST /v1/decisions/:id/appeal', ['generate']],
  ['GET /v1/decisions/:id/appeal', ['read', 'generate']],
  ['DELETE /v1/generations/:id', ['generate']],
  ['GET /v1/generations', ['read']],
  ['GET /v1/generations/:id', ['read']],
  ['GET /v1/generations/:id/events', ['read']],
  ['GET /v1/models', ['read']],
  ['GET /v1/models/:id', ['read']],
  ['POST /v1/provenance/verify', ['read']],
  // With `read` alone, of the key's own generations.
  ['GET /v1/usage', ['usage', 'read']],
  ['GET /v1/usage/limits', ['usage', 'read']],
]);

/** Everything below it has one scope. */
const WEBHOOKS = '/v1/webhooks';

/** Returns the scopes of which a key needs one to use a route, by the pattern of its path; undefined when nobody has said. */
export function scopesOf(method: string, url: string): readonly Scope[] | undefined {
  if (url === WEBHOOKS || url.startsWith(`${WEBHOOKS}/`)) return ['webhooks'];
  // Fastify answers HEAD where it answers GET.
  return routeScopes.get(`${method === 'HEAD' ? 'GET' : method} ${url}`);
}

/**
 * Lets a key use a route.
 *
 * @throws {DarkroomError} Thrown with `permission_denied` when it has none of the scopes, or when the route is in no table.
 */
export function assertScope(owned: readonly Scope[], method: string, url: string): void {
  const needed = scopesOf(method, url);
  if (needed?.some((scope) => owned.includes(scope))) return;
  const names = (needed ?? []).map((scope) => `\`${scope}\``).join(' or ');
  const message = needed === undefined ? 'no key may use this route' : `the API key needs the scope ${names}`;
  throw new DarkroomError({ code: 'permission_denied', message });
}
