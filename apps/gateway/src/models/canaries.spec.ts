import { type RequiredDigest, Tenant } from '@darkroom/contracts';
import * as testing from '@darkroom/testing';
import { describe, expect, it, vi } from 'vitest';
import { Config } from '../config.js';
import { errorOf, generationOf, get, KEYS, post, ROUTES, seen, submitJob, useGateway, work } from '../gateway.fixture.js';

useGateway(testing, { MODEL_CANARIES: 'pocket=second:25' });

describe('a canary', () => {
  it('gets its part of the requests for the model, the same ones each time', async () => {
    const modelOf = async (prompt: string) => (await generationOf(await submitJob({ prompt }))).model;
    const prompts = Array.from({ length: 120 }, (_, index) => `canary ${index}`);
    const models: string[] = [];
    for (const prompt of prompts) models.push(await modelOf(prompt));
    const share = models.filter((model) => model === 'second').length / prompts.length;
    // Of 120 at 25 %, four standard deviations are 16 %; the hash makes it the same at every run.
    expect(share).toBeGreaterThan(0.09);
    expect(share).toBeLessThan(0.41);
    for (const index of [0, 1, 2, 3, 4, 5, 6, 7]) expect(await modelOf(prompts[index] ?? '')).toBe(models[index]);
  });

  it('is seen by whoever asks: the generation names the model that makes it', async () => {
    const first = work(undefined, 'pocket');
    const second = work(undefined, 'second');
    for (let index = 0; index < 16; index += 1) expect((await post({ prompt: `seen ${index}` })).status).toBe(200);
    await vi.waitFor(() => expect(first.length + second.length).toBeGreaterThanOrEqual(16), { timeout: 20_000 });
    expect(first.length).toBeGreaterThan(0);
    expect(second.length).toBeGreaterThan(0);
  });

  it('can be asked for by name, whatever its part', async () => {
    for (let index = 0; index < 8; index += 1) {
      expect((await generationOf(await submitJob({ prompt: `by name ${index}`, model: 'second' }))).model).toBe('second');
    }
  });

  it('serves tenants that may use the model, also those that may not ask for it by name', async () => {
    KEYS.set('dk_only', { tenantId: 'ten_only', keyId: 'key_only', tenant: Tenant.fromPartial({ models: ['pocket'] }) });
    const models: string[] = [];
    for (let index = 0; index < 24; index += 1)
      models.push((await generationOf(await submitJob({ prompt: `only ${index}` }, {}, 'dk_only'))).model);
    expect(new Set(models)).toEqual(new Set(['pocket', 'second']));
    expect((await submitJob({ prompt: 'x', model: 'second' }, {}, 'dk_only')).status).toBe(403);
    expect((await get('/v1/models/second', 'dk_only')).status).toBe(403);
  });

  it('means the same when a request is sent again with its key', async () => {
    for (let index = 0; index < 8; index += 1) {
      const headers = { 'idempotency-key': `canary-${index}` };
      const ids = [];
      for (let time = 0; time < 2; time += 1) {
        const response = await submitJob({ prompt: `again ${index}` }, headers);
        expect(response.status).toBe(202);
        ids.push((await generationOf(response)).id);
      }
      expect(ids[0]).toBe(ids[1]);
    }
  });
});

describe('what the control plane says', () => {
  const modelsOf = async (count: number) => {
    const models: string[] = [];
    for (let index = 0; index < count; index += 1)
      models.push((await generationOf(await submitJob({ prompt: `steered ${index}` }))).model);
    return new Set(models);
  };
  const steer = (percent: number, retiredModels: string[] = [], requiredDigests: RequiredDigest[] = []) => {
    ROUTES.told = { canaries: [{ model: 'pocket', revision: 'second', percent }], retiredModels, requiredDigests };
  };

  it('is asked for with what is served and what is configured', async () => {
    await expect.poll(() => seen.synced).toBeDefined();
    expect(seen.synced?.models.map(({ name }) => name)).toEqual(['pocket', 'second']);
    expect(seen.synced?.models[0]).toMatchObject({ digest: expect.stringMatching(/^sha256:/), defaultSteps: 20 });
    expect(seen.synced?.configuredCanaries).toEqual([{ model: 'pocket', revision: 'second', percent: 25 }]);
  });

  it('counts instead of the setting, within seconds, and goes on counting while it is not told', {
    timeout: 30_000,
  }, async () => {
    steer(100);
    await expect.poll(() => modelsOf(6)).toEqual(new Set(['second']));
    steer(0);
    await expect.poll(() => modelsOf(6)).toEqual(new Set(['pocket']));
    ROUTES.isAway = true;
    await new Promise((resolve) => setTimeout(resolve, 2_500));
    // What was told last, though the setting says 25.
    expect(await modelsOf(12)).toEqual(new Set(['pocket']));
    ROUTES.isAway = false;
  });

  it('closes a model to new requests, and its canary too', { timeout: 30_000 }, async () => {
    steer(100, ['second']);
    await expect.poll(async () => (await submitJob({ prompt: 'x', model: 'second' })).status).toBe(404);
    expect(await errorOf(await submitJob({ prompt: 'x', model: 'second' }))).toMatchObject({
      code: 'not_found',
      param: 'model',
    });
    expect((await get('/v1/models/second')).status).toBe(404);
    expect(await modelsOf(6)).toEqual(new Set(['pocket']));
  });

  it('keeps a revision from requests that is not the one that is required', { timeout: 30_000 }, async () => {
    const status = async (model: string) => (await submitJob({ prompt: 'x', model })).status;
    const own = seen.synced?.models.find(({ name }) => name === 'pocket')?.digest ?? '';
    const required = { model: 'pocket', digest: own };
    steer(0, [], [required, { model: 'second', digest: `sha256:${'0'.repeat(64)}` }, { model: 'third', digest: own }]);
    await expect.poll(() => status('second'), { timeout: 8_000 }).toBe(404);
    expect(await status('pocket')).toBe(202);
    steer(0, [], [required]);
    await expect.poll(() => status('second'), { timeout: 8_000 }).toBe(202);
    ROUTES.told = undefined;
  });
});

describe('MODEL_CANARIES', () => {
  const read = (text: string) =>
    Config.read({
      MODEL_CANARIES: text,
      CONTROL_PLANE_ADDRESS: 'a:1',
      MODERATOR_ADDRESS: 'a:1',
      PROMPT_ENCODER_ADDRESS: 'a:1',
      VAE_DECODER_ADDRESS: 'a:1',
    }).modelCanaries;

  it('lists models with their revisions and percentages', () => {
    expect(read('')).toEqual([]);
    expect(read('a=b:0, c=d:2.5')).toEqual([
      { model: 'a', revision: 'b', percent: 0 },
      { model: 'c', revision: 'd', percent: 2.5 },
    ]);
  });

  it.each([
    ['a', 'expected MODEL=REVISION:PERCENT'],
    ['a=b', 'expected MODEL=REVISION:PERCENT'],
    ['a=b:101', 'expected MODEL=REVISION:PERCENT'],
    ['a=b:-1', 'expected MODEL=REVISION:PERCENT'],
    ['a=b:1,a=c:1', 'a model has two canaries'],
    ['a=b:1,b=c:1', 'b is a canary and has one'],
  ])('refuses %s', (text, reason) => {
    expect(() => read(text)).toThrow(`MODEL_CANARIES is wrong: ${reason}`);
  });
});
