import { operatorRoles } from '@darkroom/contracts/admin';
import type { RunningService } from '@darkroom/service-kit';
import { stateFolder, type TemporaryFolder } from '@darkroom/testing';
import { Controller, Module, Post } from '@nestjs/common';
import { DiscoveryModule, NestFactory } from '@nestjs/core';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { ADMIN_TOKEN, Client, readiness, startControlPlane } from '../control-plane.fixture.js';
import { AdminRoutes } from './admin-routes.js';
import { rolePermissions } from './operator.js';
import { Needs } from './route-rules.js';
import { Sessions } from './sessions.js';
import { Visitor } from './visitor.fixture.js';

let folder: TemporaryFolder;
let service: RunningService;
let client: Client;

beforeAll(async () => {
  folder = await stateFolder();
  service = await startControlPlane({ DARKROOM_STATE_DIR: folder.path });
  client = new Client(service);
  await vi.waitFor(async () => expect(await readiness(service)).toBe(200), { timeout: 60_000, interval: 50 });
});
afterAll(async () => {
  client.connection.close();
  await service.stop();
  await folder.remove();
});

const actions = async () =>
  (await client.admin('GET', 'audit?kind=operator')).body.data
    .map(({ operator }: { operator: { name: string } }) => operator)
    .filter(({ name }: { name: string }) => name !== 'matrix');

describe('roles', () => {
  it('may more from one to the next, but for reviewing', () => {
    expect(Object.keys(rolePermissions)).toEqual([...operatorRoles]);
    expect(rolePermissions.viewer).toEqual(['read']);
    expect(rolePermissions.operator).not.toContain('review');
    expect(rolePermissions.reviewer).not.toContain('operate');
    for (const role of operatorRoles) expect(rolePermissions[role].includes('administer')).toBe(role === 'admin');
  });
});

describe('routes', () => {
  it('all say what they need, and those that change something how they are audited', () => {
    const routes = service.app.get(AdminRoutes).list();
    expect(routes.length).toBeGreaterThan(15);
    expect(routes).toContainEqual(
      expect.objectContaining({ method: 'POST', path: '/admin/v1/reviews/:id/resolve', need: 'review' }),
    );
  });

  it('let each role through to what it may, and to nothing else', { timeout: 60_000 }, async () => {
    const sessions = service.app.get(Sessions);
    const visitor = new Visitor(service);
    for (const { method, path, need } of service.app.get(AdminRoutes).list()) {
      for (const role of operatorRoles) {
        visitor.cookies.set('darkroom_session', await sessions.begin({ name: 'matrix', role, via: 'oidc', operatorId: null }));
        const body = method === 'GET' || method === 'DELETE' ? undefined : {};
        const response = await visitor.send(method, path.replace('/admin/v1/', '').replaceAll(/:\w+/g, 'x'), body);
        await response.body?.cancel();
        const may = need === 'nothing' || (need !== undefined && rolePermissions[role].includes(need));
        expect(response.status === 403, `${role} on ${method} ${path}: ${response.status}`).toBe(!may);
        expect(response.status, `${role} on ${method} ${path}`).not.toBe(401);
      }
    }
  });

  it.each([
    ['@Needs', class {}, []],
    ['@Audited', class {}, [Needs('operate')]],
  ])('without %s keep the service from starting', async (missing, controller, rules) => {
    const prototype = controller.prototype as { handle?: () => void };
    prototype.handle = () => undefined;
    const descriptor = Object.getOwnPropertyDescriptor(prototype, 'handle') as PropertyDescriptor;
    for (const decorate of [Post('planted'), ...rules]) decorate(prototype, 'handle', descriptor);
    Controller('admin/v1')(controller);
    const planted = class {};
    Module({ imports: [DiscoveryModule], controllers: [controller], providers: [AdminRoutes] })(planted);
    const app = await NestFactory.createApplicationContext(planted, { logger: false, abortOnError: false }).catch(
      (error: Error) => error,
    );
    expect(app).toMatchObject({ message: expect.stringContaining(`POST /admin/v1/planted has no ${missing}`) });
  });
});

describe('what operators do', () => {
  it('is in the audit log, with how it came out, and the chain holds', async () => {
    const { body: tenant } = await client.admin('POST', 'tenants', { name: 'films' });
    await client.admin('POST', 'tenants', { name: 'films' });
    await client.admin('PATCH', `tenants/${tenant.id}`, { weight: 2, defaults: { quality: 'low' } });
    const by = { name: 'admin token', role: 'admin', via: 'token' };
    expect(await actions()).toEqual([
      { ...by, action: 'tenant.change', subject: tenant.id, outcome: 'done', facts: { weight: '2' } },
      { ...by, action: 'tenant.create', subject: null, outcome: 'failed', facts: { name: 'films', error: 'conflict' } },
      { ...by, action: 'tenant.create', subject: tenant.id, outcome: 'done', facts: { name: 'films' } },
    ]);
    expect((await client.admin('GET', 'audit/verify')).body.intact).toBe(true);
  });

  it('is not entered of who is nobody, and of reading', async () => {
    const before = await actions();
    expect((await client.admin('POST', 'tenants', { name: 'others' }, `${ADMIN_TOKEN}x`)).status).toBe(401);
    expect((await client.admin('GET', 'tenants')).status).toBe(200);
    expect(await actions()).toEqual(before);
  });
});
