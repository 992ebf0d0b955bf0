import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { startRedisServer, temporaryFolder } from '@darkroom/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { errorOf, gateway, get, startGateway, url, useGateway } from '../gateway.fixture.js';

useGateway({ startRedisServer, temporaryFolder });

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
beforeAll(async () => {
  folder = await temporaryFolder();
  await mkdir(join(folder.path, 'assets'));
  await writeFile(join(folder.path, 'index.html'), '<title>Darkroom</title>');
  await writeFile(join(folder.path, 'assets/page-1.js'), 'export {};');
  await gateway.stop();
  await startGateway({ PLAYGROUND_DIR: folder.path });
});
afterAll(() => folder.remove());

describe('the playground', () => {
  it('is at the root, needs no key, and loads nothing from elsewhere', async () => {
    const response = await fetch(`${url}/`);
    expect(response.status).toBe(200);
    expect(await response.text()).toContain('Darkroom');
    expect(response.headers.get('content-type')).toMatch(/text\/html/);
    expect(response.headers.get('content-security-policy')).toContain("default-src 'self'");
    expect(response.headers.get('cache-control')).toBe('no-cache');
  });

  it('has assets that can be cached for good', async () => {
    const response = await fetch(`${url}/assets/page-1.js`);
    expect(response.headers.get('content-type')).toMatch(/javascript/);
    expect(response.headers.get('cache-control')).toContain('immutable');
  });

  it.each(['/nothing', '/assets/', '/assets/../../etc/passwd', '/%2e%2e/%2e%2e/etc/passwd'])(
    'serves nothing else: %s',
    async (path) => {
      const response = await fetch(`${url}${path}`);
      expect(response.status).toBe(404);
      expect((await errorOf(response)).code).toBe('not_found');
    },
  );

  it('leaves the API as it is', async () => {
    expect((await get('/v1/models')).status).toBe(200);
    expect((await fetch(`${url}/v1/models`)).status).toBe(401);
  });
});
