/** Signing in with a password, and what a session is good for, in a PostgreSQL that several talk to at once. */
import type { OperatorRole } from '@darkroom/contracts/admin';
import type { RunningService } from '@darkroom/service-kit';
import { startPostgresServer } from '@darkroom/testing';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { Client, readiness, startControlPlane } from '../control-plane.fixture.js';
import { Database } from '../database/database.provider.js';
import { sql } from '../database/drizzle.js';
import { Sessions } from './sessions.js';
import { SignInThrottle } from './sign-in-throttle.js';
import { Visitor } from './visitor.fixture.js';

describe('operators', () => {
  let server: Awaited<ReturnType<typeof startPostgresServer>>;
  let service: RunningService;
  let client: Client;
  beforeAll(async () => {
    server = await startPostgresServer();
    service = await startControlPlane({ DATABASE_URL: server.url });
    client = new Client(service);
    await vi.waitFor(async () => expect(await readiness(service)).toBe(200), { timeout: 60_000, interval: 50 });
  });
  afterAll(async () => {
    client.connection.close();
    await service.stop();
    await server.dispose();
  });

  /** Makes an operator and signs it in. */
  async function signedIn(name: string, role: string) {
    const { body } = await client.admin('POST', 'operators', { name, role });
    const visitor = new Visitor(service);
    expect((await visitor.ask('POST', 'session', { name, password: body.password })).status).toBe(200);
    return { visitor, id: body.id as string, password: body.password as string };
  }
  /** Somebody who has signed in, without the time that passwords take. */
  async function inSession(name: string, role: OperatorRole): Promise<Visitor> {
    const visitor = new Visitor(service);
    const session = { name, role, via: 'password', operatorId: null } as const;
    visitor.cookies.set('darkroom_session', await service.app.get(Sessions).begin(session));
    return visitor;
  }
  const change = (query: string) => service.app.get(Database).run((queries) => queries.execute(sql.raw(query)));
  const lastActions = async (limit: number) =>
    (await client.admin('GET', `audit?kind=operator&limit=${limit}`)).body.data.map(
      ({ operator }: { operator: object }) => operator,
    );

  it('are nobody before they sign in', async () => {
    const visitor = new Visitor(service);
    const { status, body } = await visitor.ask('GET', 'session');
    expect([status, body]).toEqual([200, { operator: null, permissions: [], ways: ['password'], provider: null }]);
    expect((await visitor.ask('GET', 'tenants')).status).toBe(401);
    expect((await visitor.ask('POST', 'tenants', { name: 'x' })).status).toBe(401);
    expect((await client.admin('GET', 'session')).body.operator).toEqual({ name: 'admin token', role: 'admin', via: 'token' });
  });

  it('sign in and out, with a cookie that no script reads', async () => {
    const { body: made } = await client.admin('POST', 'operators', { name: 'ann', role: 'reviewer' });
    expect(made).toMatchObject({ name: 'ann', role: 'reviewer', last_sign_in_at: null, disabled_at: null });
    const visitor = new Visitor(service);
    const response = await visitor.send('POST', 'session', { name: 'ann', password: made.password });
    expect(await response.json()).toMatchObject({
      operator: { name: 'ann', role: 'reviewer', via: 'password' },
      permissions: ['read', 'content', 'review'],
    });
    const [cookie = ''] = response.headers.getSetCookie();
    expect(cookie).toMatch(/^darkroom_session=[\w-]{43}; Max-Age=43200; Path=\/; HttpOnly; SameSite=Lax$/);
    expect((await visitor.ask('GET', 'session')).body.operator.name).toBe('ann');
    const { body: list } = await client.admin('GET', 'operators');
    expect(list.data.find(({ name }: { name: string }) => name === 'ann').last_sign_in_at).not.toBeNull();
    expect(JSON.stringify(list)).not.toMatch(/scrypt|password/);
    const secret = visitor.cookies.get('darkroom_session') ?? '';
    expect((await visitor.ask('DELETE', 'session')).status).toBe(204);
    expect(visitor.cookies.has('darkroom_session')).toBe(false);
    visitor.cookies.set('darkroom_session', secret);
    expect((await visitor.ask('GET', 'tenants')).status).toBe(401);
    const by = { name: 'ann', role: 'reviewer', via: 'password', outcome: 'done' };
    expect(await lastActions(3)).toEqual([
      { ...by, action: 'session.end', subject: null, facts: {} },
      { ...by, action: 'session.begin', subject: made.id, facts: { address: '127.0.0.1' } },
      expect.objectContaining({ action: 'operator.create', subject: made.id, facts: { name: 'ann', role: 'reviewer' } }),
    ]);
  });

  it('have cookies for https alone, where they come by it', async () => {
    const { password } = await signedIn('bea', 'viewer');
    const response = await new Visitor(service).send(
      'POST',
      'session',
      { name: 'bea', password },
      { 'x-forwarded-proto': 'https' },
    );
    expect(response.headers.getSetCookie()[0]).toContain('; Secure');
  });

  it('hear the same of a wrong name and a wrong password, and the log hears neither', async () => {
    await signedIn('cleo', 'viewer');
    const visitor = new Visitor(service);
    const answers = [];
    for (const name of ['cleo', 'nobody', 'x$y z'])
      answers.push(await visitor.ask('POST', 'session', { name, password: 'wrong' }));
    for (const { status, body } of answers) {
      expect([status, body.error]).toEqual([401, answers[0]?.body.error]);
    }
    const [refused] = await lastActions(1);
    expect(refused).toEqual({
      name: '',
      role: 'none',
      via: 'password',
      action: 'session.begin',
      subject: null,
      outcome: 'refused',
      facts: { address: '127.0.0.1' },
    });
  });

  it('are slowed down when they guess, even with the right password at last, by name and address', async () => {
    const { password } = await signedIn('dora', 'viewer');
    const throttle = service.app.get(SignInThrottle);
    for (let time = 0; time < 10; time += 1) throttle.attempt('dora', '127.0.0.1');
    const response = await new Visitor(service).send('POST', 'session', { name: 'dora', password });
    expect(response.status).toBe(429);
    expect(Number(response.headers.get('retry-after'))).toBeGreaterThan(60);
    await signedIn('dorothy', 'viewer');
  });

  it('change nothing from a page of another site', async () => {
    const visitor = await inSession('eve', 'operator');
    const attempt = (headers: Record<string, string>) => visitor.send('POST', 'tenants', { name: 'forged' }, headers);
    for (const headers of [
      { 'x-darkroom-request': '' },
      { origin: 'https://evil.example' },
      { origin: 'null' },
      { origin: '' },
      { origin: `${visitor.origin}.evil.example` },
    ] as Record<string, string>[]) {
      const response = await attempt(headers);
      expect(response.status, JSON.stringify(headers)).toBe(403);
      expect(await response.json()).toMatchObject({ error: { code: 'permission_denied' } });
    }
    const forged = await new Visitor(service).send(
      'POST',
      'session',
      { name: 'eve', password: 'x' },
      { origin: 'https://e.example' },
    );
    expect(forged.status).toBe(403);
    expect(JSON.stringify((await client.admin('GET', 'tenants')).body)).not.toContain('forged');
    expect((await attempt({})).status).toBe(201);
  });

  it('act under their own names, and under no others', async () => {
    const visitor = await inSession('flo', 'reviewer');
    await client.admin('POST', 'tenants', { name: 'films' });
    const { document } = (await visitor.ask('GET', 'policies/default')).body;
    const path = 'tenants/films/policies';
    const forged = await visitor.ask('POST', path, { author: 'ann', document });
    expect([forged.status, forged.body.error.param]).toEqual([400, 'author']);
    expect((await visitor.ask('POST', path, { document })).status).toBe(201);
    expect((await visitor.ask('GET', path)).body.data).toMatchObject([{ author: 'flo' }]);
    expect((await visitor.ask('POST', `${path}/rollback`, { author: 'flo' })).status).toBe(200);
  });

  it('that may not do something are told so, and the log has it', async () => {
    const visitor = await inSession('gil', 'viewer');
    const { status, body } = await visitor.ask('POST', 'tenants', { name: 'gems' });
    expect([status, body.error.message]).toEqual([403, 'the role `viewer` has no permission to do this; it needs `operate`']);
    expect(await lastActions(1)).toMatchObject([
      { name: 'gil', action: 'tenant.create', outcome: 'refused', facts: { name: 'gems' } },
    ]);
    expect((await client.admin('GET', 'audit/verify')).body.intact).toBe(true);
  });

  it('change nothing while the audit log can not be reached', async () => {
    const visitor = await inSession('gus', 'operator');
    await change('alter table audit_head rename to audit_head_away');
    const { status } = await visitor.ask('POST', 'tenants', { name: 'unseen' });
    await change('alter table audit_head_away rename to audit_head');
    expect(status).toBe(500);
    expect(JSON.stringify((await client.admin('GET', 'tenants')).body)).not.toContain('unseen');
    expect((await visitor.ask('POST', 'tenants', { name: 'unseen' })).status).toBe(201);
  });

  it('are signed out after twelve hours, or two without doing anything', async () => {
    const visitor = await inSession('hal', 'viewer');
    const of = "where name = 'hal'";
    await change(`update sessions set last_seen_at = now() - interval '119 minutes' ${of}`);
    expect((await visitor.ask('GET', 'tenants')).status).toBe(200);
    // It was noted that the session is in use.
    await vi.waitFor(
      async () => {
        const rows = (await change(`select 1 from sessions ${of} and last_seen_at > now() - interval '1 minute'`)) as {
          rows: object[];
        };
        expect(rows.rows).toHaveLength(1);
      },
      { timeout: 20_000 },
    );
    await change(`update sessions set last_seen_at = now() - interval '121 minutes' ${of}`);
    expect((await visitor.ask('GET', 'tenants')).status).toBe(401);
    await change(`update sessions set last_seen_at = now(), expires_at = now() - interval '1 second' ${of}`);
    expect((await visitor.ask('GET', 'tenants')).status).toBe(401);
    expect((await visitor.ask('GET', 'session')).body.operator).toBeNull();
    await inSession('hans', 'viewer');
    expect(((await change(`select 1 from sessions ${of}`)) as { rows: object[] }).rows).toEqual([]);
  });

  it('are signed out by a change of theirs, and stay out while disabled', async () => {
    const { visitor, id, password } = await signedIn('ida', 'viewer');
    const again = async (with_: string) => (await visitor.ask('POST', 'session', { name: 'ida', password: with_ })).status;
    expect((await client.admin('PATCH', `operators/${id}`, { role: 'operator' })).body.role).toBe('operator');
    expect((await visitor.ask('GET', 'tenants')).status).toBe(401);
    expect(await again(password)).toBe(200);
    expect((await visitor.ask('GET', 'session')).body.operator.role).toBe('operator');
    const { body: reset } = await client.admin('POST', `operators/${id}/password`);
    expect((await visitor.ask('GET', 'tenants')).status).toBe(401);
    expect([await again(password), await again(reset.password)]).toEqual([401, 200]);
    expect((await client.admin('PATCH', `operators/${id}`, { disabled: true })).body.disabled_at).not.toBeNull();
    expect((await visitor.ask('GET', 'tenants')).status).toBe(401);
    expect(await again(reset.password)).toBe(401);
    await client.admin('PATCH', `operators/${id}`, { disabled: false });
    expect(await again(reset.password)).toBe(200);
  });

  it('change their own passwords, and their other sessions end', async () => {
    const { visitor, password } = await signedIn('jon', 'viewer');
    const other = new Visitor(service);
    await other.ask('POST', 'session', { name: 'jon', password });
    const set = (current_password: string, new_password: string) =>
      visitor.ask('POST', 'session/password', { current_password, new_password });
    expect((await set('wrong', 'correct horse battery')).body.error.param).toBe('current_password');
    expect((await set(password, 'short')).body.error.param).toBe('new_password');
    expect((await set(password, 'correct horse battery')).status).toBe(204);
    expect((await visitor.ask('GET', 'tenants')).status).toBe(200);
    expect((await other.ask('GET', 'tenants')).status).toBe(401);
    expect((await other.ask('POST', 'session', { name: 'jon', password: 'correct horse battery' })).status).toBe(200);
    expect((await client.admin('POST', 'session/password', { current_password: 'x', new_password: 'x'.repeat(12) })).status).toBe(
      409,
    );
  });

  it('keep an admin among them, also when two leave at once', async () => {
    const made = async (name: string) => (await client.admin('POST', 'operators', { name, role: 'admin' })).body;
    const [first, second] = [await made('kim'), await made('lea')];
    const demote = ({ id }: { id: string }, body: object) => client.admin('PATCH', `operators/${id}`, body);
    const statuses = await Promise.all([demote(first, { role: 'viewer' }), demote(second, { disabled: true })]);
    expect(statuses.map(({ status }) => status).toSorted()).toEqual([200, 409]);
    const admins = (await client.admin('GET', 'operators')).body.data.filter(
      (one: { role: string; disabled_at: string | null }) => one.role === 'admin' && one.disabled_at === null,
    );
    expect(admins).toHaveLength(1);
    expect((await demote(admins[0], { role: 'admin' })).status).toBe(200);
  });

  it.each([
    ['POST', 'operators', { name: 'two words', role: 'viewer' }, 400, 'name'],
    ['POST', 'operators', { name: 'ok', role: 'king' }, 400, 'role'],
    ['PATCH', 'operators/opr_x', {}, 400, 'body'],
    ['PATCH', 'operators/opr_x', { role: 'viewer' }, 404, 'id'],
    ['POST', 'operators/opr_x/password', undefined, 404, 'id'],
    ['POST', 'session', { name: 'ann' }, 400, 'password'],
  ])('refuse %s %s %j, naming the parameter', async (method, path, body, status, param) => {
    const answer = await client.admin(method, path, body);
    expect([answer.status, answer.body.error.param]).toEqual([status, param]);
  });

  it('have names of their own', async () => {
    await client.admin('POST', 'operators', { name: 'max', role: 'viewer' });
    expect((await client.admin('POST', 'operators', { name: 'max', role: 'admin' })).status).toBe(409);
  });
});
