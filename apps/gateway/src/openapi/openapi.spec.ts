import { routes } from '@darkroom/contracts/openapi';
import { startRedisServer, temporaryFolder } from '@darkroom/testing';
import { describe, expect, it } from 'vitest';
import { gateway, url, useGateway } from '../gateway.fixture.js';

useGateway({ startRedisServer, temporaryFolder });

/** Reads the routes off Fastify's own picture of them, a tree of the parts of their paths: `POST /v1/generations`, … */
function servedRoutes(): string[] {
  const http = gateway.app.getHttpAdapter().getInstance();
  const parts: string[] = [];
  const tree = http.printRoutes({ commonPrefix: false }).split('\n');
  return tree.flatMap((line) => {
    const [, indent = '', part = '', methods = ''] = /^([│ ]*)[├└]── (.*) \((.*)\)$/.exec(line) ?? [];
    parts.splice(indent.length / 4, Number.POSITIVE_INFINITY, part);
    return methods.split(', ').map((method) => `${method} ${parts.join('')}`);
  });
}

describe('the OpenAPI document', () => {
  it('is served without a key', async () => {
    const response = await fetch(`${url}/openapi.json`);
    expect(response.headers.get('content-type')).toMatch(/^application\/json/);
    expect(await response.json()).toMatchObject({ openapi: '3.1.1', info: { title: 'Darkroom' } });
  });

  it('describes every route of the API, and no other', () => {
    const served = servedRoutes().filter((route) => /^(?!HEAD )\S+ \/(v1|mai)\//.test(route));
    expect(served.length).toBeGreaterThan(8);
    const described = routes.map(({ method, path }) => `${method.toUpperCase()} ${path.replaceAll(/\{(\w+)\}/g, ':$1')}`);
    expect(described.sort()).toEqual(served.sort());
  });
});
