import { scopes } from '@darkroom/contracts';
import { routes } from '@darkroom/contracts/openapi';
import * as testing from '@darkroom/testing';
import { describe, expect, it } from 'vitest';
import { errorOf, gateway, KEYS, servedRoutes, url, useGateway } from '../gateway.fixture.js';
import { assertScope, scopesOf } from './route-scopes.js';

useGateway(testing);

/** Every route that asks for a key, as the gateway serves it. */
const guarded = () => servedRoutes(gateway).filter((route) => /^\S+ \/(v1|mai)\/(?!files\/)/.test(route));

for (const scope of scopes) KEYS.set(`dk_${scope}`, { tenantId: 'ten_scopes', keyId: `key_${scope}`, scopes: [scope] });

describe('scopes', () => {
  it('are known of every route that asks for a key', () => {
    expect(guarded().length).toBeGreaterThan(8);
    for (const route of guarded()) {
      const [method = '', path = ''] = route.split(' ');
      expect(scopesOf(method, path), route).toBeDefined();
    }
  });

  it('are those of the OpenAPI document', () => {
    for (const { method, path, scope, key } of routes) {
      if (key === 'none') continue;
      const [first] = scopesOf(method.toUpperCase(), path.replaceAll(/\{(\w+)\}/g, ':$1')) ?? [];
      expect(scope, `${method} ${path}`).toBe(first);
    }
  });

  it('open their routes and no others, and a refusal names what is needed', async () => {
    for (const route of guarded()) {
      const [method = '', path = ''] = route.split(' ');
      const needed = scopesOf(method, path) ?? [];
      for (const scope of scopes) {
        const address = url + path.replaceAll(/:\w+/g, 'x');
        const response = await fetch(address, { method, headers: { authorization: `Bearer dk_${scope}` } });
        await response.body?.cancel();
        expect(response.status === 403, `${scope} on ${route}: ${response.status}`).toBe(!needed.includes(scope));
      }
    }
    const refused = await fetch(`${url}/v1/models`, { headers: { authorization: 'Bearer dk_webhooks' } });
    const error = await errorOf(refused);
    expect(error).toMatchObject({ code: 'permission_denied', message: 'the API key needs the scope `read`' });
  });

  it('are no use for a route that nobody has entered', () => {
    expect(() => assertScope(scopes, 'PUT', '/v1/secrets')).toThrow(expect.objectContaining({ code: 'permission_denied' }));
    expect(() => assertScope(scopes, 'GET', '/v1/webhooksX')).toThrow(expect.objectContaining({ code: 'permission_denied' }));
  });
});
