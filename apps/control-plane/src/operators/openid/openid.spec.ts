import type { RunningService } from '@darkroom/service-kit';
import { freePort, stateFolder, type TemporaryFolder } from '@darkroom/testing';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { Config } from '../../config.js';
import { ADMIN_TOKEN, Client, readiness, startControlPlane } from '../../control-plane.fixture.js';
import { Visitor } from '../visitor.fixture.js';
import { FlowSeal } from './flow.js';
import { type Person, RunningProvider } from './provider.fixture.js';
import { openIdSettings } from './settings.js';

const people = new Map<string, Person>([
  [
    'sub-ann',
    { preferred_username: 'ann', email: 'ann@example.com', email_verified: true, groups: ['everybody', 'darkroom-reviewers'] },
  ],
  [
    'sub-ben',
    { preferred_username: 'ben', email: 'ann@example.com', email_verified: false, groups: ['staff', 'darkroom-admins'] },
  ],
  ['sub-cat', { preferred_username: 'cat', groups: ['everybody'] }],
]);

let folder: TemporaryFolder;
let provider: RunningProvider;
let service: RunningService;
let client: Client;
let environment: Record<string, string>;
beforeAll(async () => {
  const port = await freePort();
  const dashboard = `http://127.0.0.1:${port}`;
  const redirectUri = `${dashboard}/admin/v1/session/oidc/callback`;
  [folder, provider] = await Promise.all([
    stateFolder(),
    RunningProvider.start({ id: 'dashboard', secret: 'spec-client-secret', redirectUri }, people),
  ]);
  environment = {
    DARKROOM_STATE_DIR: folder.path,
    HTTP_PORT: String(port),
    DASHBOARD_URL: dashboard,
    OIDC_ISSUER: provider.issuer,
    OIDC_CLIENT_ID: 'dashboard',
    OIDC_CLIENT_SECRET: 'spec-client-secret',
    OIDC_ROLES: 'darkroom-admins=admin, darkroom-reviewers=reviewer, staff=viewer',
  };
  service = await startControlPlane(environment);
  client = new Client(service);
  await vi.waitFor(async () => expect(await readiness(service)).toBe(200), { timeout: 60_000, interval: 50 });
});
afterAll(async () => {
  client.connection.close();
  await service.stop();
  await provider.stop();
  await folder.remove();
});

/** Signs somebody in, and returns where the dashboard sent the browser at last. */
async function signIn(
  visitor: Visitor,
  subject: string,
  returnTo = '/reviews?status=open',
  then?: 'abort',
): Promise<string | null> {
  const begun = await visitor.send('GET', `session/oidc?return_to=${encodeURIComponent(returnTo)}`);
  expect(begun.status).toBe(302);
  const back = await provider.signIn(begun.headers.get('location') ?? '', subject, then);
  return (await visitor.send('GET', back.slice(back.indexOf('session/oidc')))).headers.get('location');
}
const lastAction = async () => (await client.admin('GET', 'audit?kind=operator&limit=1')).body.data[0].operator;

describe('signing in at an OpenID provider', () => {
  it('leads back to where one wanted to, with the role that the groups give', async () => {
    const visitor = new Visitor(service);
    expect((await visitor.ask('GET', 'session')).body).toMatchObject({
      operator: null,
      ways: ['password', 'oidc'],
      provider: new URL(provider.issuer).host,
    });
    expect(await signIn(visitor, 'sub-ann')).toBe('/reviews?status=open');
    const operator = { name: 'ann@example.com', role: 'reviewer', via: 'oidc' };
    expect((await visitor.ask('GET', 'session')).body.operator).toEqual(operator);
    expect([...visitor.cookies.keys()]).toEqual(['darkroom_session']);
    expect(await lastAction()).toEqual({
      ...operator,
      action: 'session.begin',
      subject: 'sub-ann',
      outcome: 'done',
      facts: { issuer: new URL(provider.issuer).host, address: '127.0.0.1' },
    });
    expect((await visitor.ask('DELETE', 'session')).status).toBe(204);
    expect((await visitor.ask('GET', 'session')).body.operator).toBeNull();
  });

  it('gives the role that comes first of several, and the name of no address that nobody verified', async () => {
    const visitor = new Visitor(service);
    await signIn(visitor, 'sub-ben');
    expect((await visitor.ask('GET', 'session')).body.operator).toEqual({ name: 'ben', role: 'admin', via: 'oidc' });
  });

  it('lets nobody in without a role, and the log has it', async () => {
    const visitor = new Visitor(service);
    expect(await signIn(visitor, 'sub-cat')).toBe('/?sign_in=no-role');
    expect(visitor.cookies.size).toBe(0);
    expect(await lastAction()).toMatchObject({ name: 'cat', role: 'none', via: 'oidc', subject: 'sub-cat', outcome: 'refused' });
  });

  it('is cancelled at the provider', async () => {
    expect(await signIn(new Visitor(service), 'sub-ann', '/', 'abort')).toBe('/?sign_in=cancelled');
  });

  it.each(['https://evil.example/', '//evil.example', '/\\evil.example', 'javascript:alert(1)', '/x/..//evil.example'])(
    'never leads to %s',
    async (returnTo) => {
      const location = await signIn(new Visitor(service), 'sub-ann', returnTo);
      expect(new URL(location ?? '', environment['DASHBOARD_URL']).origin).toBe(environment['DASHBOARD_URL']);
      expect(location).toMatch(/^\/(?![/\\])/);
    },
  );

  it('takes an answer only in the browser that asked, and once', async () => {
    const visitor = new Visitor(service);
    const begun = await visitor.send('GET', 'session/oidc');
    const back = await provider.signIn(begun.headers.get('location') ?? '', 'sub-ann');
    const path = back.slice(back.indexOf('session/oidc'));
    const location = async (by: Visitor, to = path) => (await by.send('GET', to)).headers.get('location');
    expect(await location(new Visitor(service))).toBe('/?sign_in=expired');
    const other = new Visitor(service);
    await other.send('GET', 'session/oidc');
    expect(await location(other)).toBe('/?sign_in=failed');
    const kept = visitor.cookies.get('darkroom_sign_in') ?? '';
    expect(await location(visitor)).toBe('/');
    visitor.cookies.set('darkroom_sign_in', kept);
    expect(await location(visitor)).toBe('/?sign_in=failed');
    visitor.cookies.set('darkroom_sign_in', `${kept}x`);
    expect(await location(visitor)).toBe('/?sign_in=expired');
  });
});

describe('a sign-in under way', () => {
  it('is read by who has the same client secret, for ten minutes', () => {
    const flow = { state: 's', nonce: 'n', verifier: 'v', returnTo: '/', expiresAtMs: 1_000 };
    const sealed = new FlowSeal('secret').seal(flow);
    expect(new FlowSeal('secret').open(sealed, 999)).toEqual(flow);
    expect(new FlowSeal('secret').open(sealed, 1_000)).toBeUndefined();
    expect(new FlowSeal('other').open(sealed, 999)).toBeUndefined();
    expect(new FlowSeal('secret').open('', 999)).toBeUndefined();
    const forged = Buffer.from(JSON.stringify({ ...flow, returnTo: '/x' })).toString('base64url');
    expect(new FlowSeal('secret').open(sealed.replace(/^[^.]*/, forged), 999)).toBeUndefined();
  });
});

describe('the settings of a provider', () => {
  it.each([
    [{ OIDC_ISSUER: 'https://id.example' }, 'OIDC_ISSUER needs OIDC_CLIENT_ID'],
    [{ OIDC_ISSUER: 'http://id.example' }, 'OIDC_ISSUER is wrong: expected https'],
    [{ OIDC_ROLES: 'admins=king' }, 'OIDC_ROLES is wrong: expected VALUE=ROLE'],
    [{ OIDC_ROLES: 'admins' }, 'OIDC_ROLES is wrong: expected VALUE=ROLE'],
  ] as [Record<string, string>, string][])('%j are refused', (settings, message) => {
    expect(() => openIdSettings(Config.read({ ADMIN_TOKEN, ...settings }) as Config)).toThrow(message);
  });
});
