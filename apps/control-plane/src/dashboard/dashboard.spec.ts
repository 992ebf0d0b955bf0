import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { RunningService } from '@darkroom/service-kit';
import { stateFolder, type TemporaryFolder } from '@darkroom/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startControlPlane } from '../control-plane.fixture.js';

let folder: TemporaryFolder;
let service: RunningService;

beforeAll(async () => {
  folder = await stateFolder();
  await mkdir(join(folder.path, 'page/assets'), { recursive: true });
  await writeFile(join(folder.path, 'page/index.html'), '<title>Darkroom</title>');
  await writeFile(join(folder.path, 'page/assets/page-1.js'), 'export {};');
  // No database is needed for it, and none is waited for.
  const environment = { DARKROOM_STATE_DIR: folder.path, DASHBOARD_DIR: join(folder.path, 'page') };
  service = await startControlPlane(environment);
});
afterAll(async () => {
  await service.stop();
  await folder.remove();
});

const get = (path: string) => fetch(`http://127.0.0.1:${service.httpPort}${path}`);

describe('the dashboard', () => {
  it.each(['/', '/tenants', '/tenants/ten_1?page=2', '/generations/gen_1/images'])('is at %s', async (path) => {
    const response = await get(path);
    expect([response.status, await response.text()]).toEqual([200, '<title>Darkroom</title>']);
    expect(response.headers.get('content-type')).toMatch(/text\/html/);
    expect(response.headers.get('content-security-policy')).toContain("frame-ancestors 'none'");
    expect(response.headers.get('cache-control')).toBe('no-cache');
  });

  it('has assets that can be cached for good', async () => {
    const response = await get('/assets/page-1.js');
    expect(response.headers.get('content-type')).toMatch(/javascript/);
    expect(response.headers.get('cache-control')).toContain('immutable');
  });

  it.each(['/admin', '/admin/', '/admin/v1', '/admin/v1/nothing', '/assets/page-2.js', '/robots.txt', '/%2e%2e/package.json'])(
    'is not at %s',
    async (path) => {
      const response = await get(path);
      expect(response.status).toBe(404);
      expect(await response.json()).toMatchObject({ error: { code: 'not_found' } });
    },
  );

  it('leaves the API as it is', async () => {
    expect((await get('/admin/v1/tenants')).status).toBe(401);
    expect((await get('/healthz')).status).toBe(200);
    const response = await fetch(`http://127.0.0.1:${service.httpPort}/tenants`, { method: 'POST' });
    expect(response.status).toBe(404);
  });
});
