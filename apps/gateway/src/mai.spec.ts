/** Azure's shape over HTTP: another way to write a request, and the same from there on. */
import { request } from 'node:http';
import { type GenerationJob, Tenant } from '@darkroom/contracts';
import { imagesResponseBody } from '@darkroom/contracts/http';
import * as testing from '@darkroom/testing';
import { describe, expect, it } from 'vitest';
import { drawn, errorOf, generationOf, get, KEYS, post, seen, url, useGateway, work } from './gateway.fixture.js';

useGateway(testing);

const PATH = '/mai/v1/images/generations';
const star = { model: 'pocket', prompt: 'a star', width: 320, height: 256 };

const ask = (body: unknown, headers: Record<string, string> = { 'api-key': 'dk_alice' }, query = '') =>
  fetch(url + PATH + query, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  });
const imagesOf = async (response: Response) => imagesResponseBody.parse(await response.json());
const statusOf = async (id = '') => (await generationOf(await get(`/v1/generations/${id}`))).status;
const bytesOf = ({ data }: Awaited<ReturnType<typeof imagesOf>>) =>
  data.map(({ b64_json }) => Buffer.from(b64_json ?? '', 'base64'));

let tenants = 0;
/** Makes a tenant that no other spec knows, and a key of it. */
function newKey(tenant: Partial<Tenant>, more: object = {}): string {
  tenants += 1;
  const key = `dk_mai_${tenants}`;
  KEYS.set(key, { tenantId: `ten_mai_${tenants}`, keyId: `key_mai_${tenants}`, tenant: Tenant.fromPartial(tenant), ...more });
  return key;
}

describe('POST /mai/v1/images/generations', () => {
  it('answers as Azure does, with one PNG in base64, and with the receipt beside it', async () => {
    const jobs = work();
    const response = await ask(star);
    expect(response.status).toBe(200);
    const answer = await imagesOf(response);
    const job = jobs[0] as GenerationJob;
    expect(job).toMatchObject({ model: 'pocket', prompt: 'a star', width: 320, height: 256, imageCount: 1 });
    expect(bytesOf(answer)).toEqual([drawn(job, 0)]);
    expect(answer).toMatchObject({ id: job.id, model: 'pocket', size: '320x256', output_format: 'png' });
    expect(answer.receipt).toMatchObject({ seed: job.seed, width: 320, height: 256 });
    expect(response.headers.get('x-request-id')).toBe(job.id);
    expect(await statusOf(job.id)).toBe('succeeded');
  });

  it.each([
    ['the header api-key', { 'api-key': 'dk_alice' }],
    ['a bearer key', { authorization: 'Bearer dk_alice' }],
    ['both, of which api-key counts', { 'api-key': 'dk_alice', authorization: 'Bearer dk_nobody' }],
  ])('opens to %s', async (_, headers) => {
    work();
    expect((await ask(star, headers)).status).toBe(200);
  });

  it.each([
    ['none', {}],
    ['an unknown one', { 'api-key': 'dk_nobody' }],
    ['one that is none', { 'api-key': 'dk_alice dk_bob' }],
    ['an empty one beside a bearer key', { 'api-key': '', authorization: 'Bearer dk_alice' }],
  ])('is closed to a key that is %s', async (_, headers: Record<string, string>) => {
    const response = await ask(star, headers);
    expect(response.status).toBe(401);
    expect(response.headers.has('www-authenticate')).toBe(true);
    expect((await errorOf(response)).code).toBe('unauthenticated');
  });

  it('tells which headers take a key; OpenAI’s endpoints take no api-key', async () => {
    expect((await errorOf(await ask(star, {}))).message).toContain('"api-key: <key>" or "Authorization: Bearer <key>"');
    const response = await post({ prompt: 'x' }, { 'api-key': 'dk_alice', authorization: '' });
    expect(response.status).toBe(401);
    expect((await errorOf(response)).message).not.toContain('api-key');
  });

  it('needs the scope of generations', async () => {
    const response = await ask(star, { 'api-key': newKey({}, { scopes: ['read'] }) });
    expect(response.status).toBe(403);
    expect((await errorOf(response)).message).toContain('`generate`');
  });

  it.each([
    ['width', { width: 1025 }, 'multiple of 32 from 64 to 1024'],
    ['height', { height: 32 }, 'multiple of 32 from 64 to 1024'],
    ['height', { height: null }, '`height` is needed where `width` is given'],
    ['n', { n: 1 }, 'one image is made'],
    ['size', { size: '256x256' }, 'give `width` and `height`'],
    ['seed', { seed: 7 }, 'not supported'],
    ['prompt', { prompt: '' }, '1 to 32,768 tokens'],
  ])('refuses by the name of %s, and starts nothing: %j', async (param, differing, message) => {
    const jobs = work();
    const response = await ask({ ...star, ...differing });
    expect(response.status).toBe(400);
    const error = { code: 'invalid_argument', param, message: expect.stringContaining(message) };
    expect(await errorOf(response)).toMatchObject(error);
    expect(jobs).toEqual([]);
  });

  it('refuses a model that is not served, or not this tenant’s', async () => {
    const unknown = await ask({ ...star, model: 'MAI-Image-2' });
    expect(unknown.status).toBe(404);
    expect(await errorOf(unknown)).toMatchObject({ param: 'model', message: expect.stringContaining('"pocket"') });
    const foreign = await ask(star, { 'api-key': newKey({ models: ['second'] }) });
    expect(foreign.status).toBe(403);
  });

  it('takes the version of Azure’s API in its query, and no other query', async () => {
    work();
    expect((await ask(star, undefined, '?api-version=preview')).status).toBe(200);
    for (const query of ['?api-version=2020-01-01', '?api-version=preview&api-version=preview']) {
      expect(await errorOf(await ask(star, undefined, query))).toMatchObject({ param: 'api-version' });
    }
    expect(await errorOf(await ask(star, undefined, '?seed=7'))).toMatchObject({ param: 'seed' });
  });

  it('is filled in with its tenant’s defaults, but stays one PNG in base64 of the size that it names', async () => {
    const jobs = work();
    const defaults = {
      ...{ size: '64x64', steps: 9, moderation: 'low', n: 4 },
      ...{ output_format: 'webp', output_compression: 30, response_format: 'url' },
    };
    const headers = { 'api-key': newKey({ defaultsJson: JSON.stringify(defaults) }) };
    for (const body of [star, { prompt: 'a star' }]) {
      const answer = await imagesOf(await ask(body, headers));
      expect(answer).toMatchObject({ output_format: 'png', data: [{ b64_json: expect.any(String) }] });
    }
    const both = { steps: 9, moderation: 'low', imageCount: 1 };
    expect(jobs).toMatchObject([
      { ...both, width: 320, height: 256 },
      { ...both, width: 64, height: 64 },
    ]);
  });

  it('is moderated, limited, and told so like any other', async () => {
    work();
    const refused = await ask({ ...star, prompt: 'gore' });
    expect(await errorOf(refused)).toMatchObject({ code: 'content_policy_violation', param: 'prompt' });
    expect(seen.moderated).toContain('gore');
    const headers = { 'api-key': newKey({ requestsPerMinute: 1 }) };
    const first = await ask(star, headers);
    expect(first.headers.get('x-ratelimit-remaining-requests')).toBe('0');
    const second = await ask(star, headers);
    expect(second.status).toBe(429);
    expect(second.headers.has('retry-after')).toBe(true);
  });

  it('is one generation for one Idempotency-Key, in whichever shape', async () => {
    const jobs = work();
    const key = { 'idempotency-key': 'mai-once' };
    const first = await imagesOf(await ask(star, { 'api-key': 'dk_alice', ...key }));
    const second = await imagesOf(await ask(star, { 'api-key': 'dk_alice', ...key }));
    const third = await imagesOf(await post({ model: 'pocket', prompt: 'a star', size: '320x256' }, key));
    expect([second.id, third.id]).toEqual([first.id, first.id]);
    expect(jobs).toHaveLength(1);
    expect((await ask({ ...star, width: 64 }, { 'api-key': 'dk_alice', ...key })).status).toBe(409);
  });

  it('answers at once where the client prefers it', async () => {
    work();
    const response = await ask(star, { 'api-key': 'dk_alice', prefer: 'respond-async' });
    expect(response.status).toBe(202);
    const { id } = await generationOf(response);
    expect(response.headers.get('location')).toBe(`/v1/generations/${id}`);
    await expect.poll(() => statusOf(id)).toBe('succeeded');
  });

  it('is cancelled by a client that hangs up', async () => {
    const jobs = work(() => new Promise<void>(() => {}));
    // Not by fetch, which opens another connection for the one that it gave up, and leaves it unused.
    const headers = { 'api-key': 'dk_alice', 'content-type': 'application/json' };
    const client = request(url + PATH, { method: 'POST', headers, agent: false }).on('error', () => {});
    client.end(JSON.stringify(star));
    await expect.poll(() => jobs.length).toBe(1);
    client.destroy();
    await expect.poll(() => statusOf(jobs[0]?.id)).toBe('cancelled');
  });
});
