import { routes } from '@darkroom/contracts/openapi';
import { startRedisServer, temporaryFolder } from '@darkroom/testing';
import { describe, expect, it } from 'vitest';
import { errorOf, gateway, servedRoutes, url, useGateway } from '../gateway.fixture.js';

useGateway({ startRedisServer, temporaryFolder });

describe('the page of the document', () => {
  it('is served without a key, with all that it loads, and loads nothing from elsewhere', async () => {
    const response = await fetch(`${url}/docs`);
    expect(response.headers.get('content-type')).toMatch(/^text\/html/);
    expect(response.headers.get('content-security-policy')).toContain("default-src 'self'");
    const files = [...(await response.text()).matchAll(/(?:src|href)="(docs\/[^"]+)"/g)].map(([, file]) => `${url}/${file}`);
    expect(files).toHaveLength(3);
    for (const file of files) {
      const asset = await fetch(file);
      expect(asset.status, file).toBe(200);
      expect(asset.headers.get('content-type')).toMatch(file.endsWith('.css') ? /^text\/css/ : /^text\/javascript/);
      expect(asset.headers.get('cache-control')).toBe(
        file.endsWith('start.js') ? 'no-cache' : 'public, max-age=31536000, immutable',
      );
      expect(Number((await asset.arrayBuffer()).byteLength), file).toBeGreaterThan(100);
    }
  });

  it.each(['/docs/5.0.0/start.js', '/docs/x/../../package.json', '/docs/1/package.json'])(
    'has no other files: %s',
    async (path) => {
      const response = await fetch(url + path);
      expect(response.status).toBe(404);
      expect((await errorOf(response)).code).toBe('not_found');
    },
  );
});

describe('the OpenAPI document', () => {
  it('is served without a key', async () => {
    const response = await fetch(`${url}/openapi.json`);
    expect(response.headers.get('content-type')).toMatch(/^application\/json/);
    expect(await response.json()).toMatchObject({ openapi: '3.1.1', info: { title: 'Darkroom' } });
  });

  it('describes every route of the API, and no other', () => {
    const served = servedRoutes(gateway).filter((route) => /^(?!HEAD )\S+ \/(v1|mai)\//.test(route));
    expect(served.length).toBeGreaterThan(8);
    const described = routes.map(({ method, path }) => `${method.toUpperCase()} ${path.replaceAll(/\{(\w+)\}/g, ':$1')}`);
    expect(described.sort()).toEqual(served.sort());
  });
});
