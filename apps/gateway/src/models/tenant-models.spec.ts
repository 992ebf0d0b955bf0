import { Tenant } from '@darkroom/contracts';
import { modelListBody } from '@darkroom/contracts/http';
import * as testing from '@darkroom/testing';
import { describe, expect, it, vi } from 'vitest';
import { errorOf, generationOf, get, KEYS, post, submitJob, useGateway, work } from '../gateway.fixture.js';

useGateway(testing);

/** Makes a key of a tenant that no other spec knows. */
function newKey(name: string, tenant: Partial<Tenant>): string {
  KEYS.set(`dk_${name}`, { tenantId: `ten_${name}`, keyId: `key_${name}`, tenant: Tenant.fromPartial(tenant) });
  return `dk_${name}`;
}

describe('a tenant that may use some models', () => {
  const key = newKey('second', { models: ['second', 'not-served'] });
  const bearer = { authorization: `Bearer ${key}` };

  it('sees those alone, the first of which is its default', async () => {
    const { data } = modelListBody.parse(await (await get('/v1/models', key)).json());
    expect(data.map(({ id }) => id)).toEqual(['second']);
    expect((await generationOf(await submitJob({ prompt: 'x' }, {}, key))).model).toBe('second');
    expect((await get('/v1/models/second', key)).status).toBe(200);
    expect((await get('/v1/models/not-served', key)).status).toBe(404);
  });

  it('may not use the others', async () => {
    for (const response of [
      await submitJob({ prompt: 'x', model: 'pocket' }, {}, key),
      await post({ prompt: 'x', model: 'pocket' }, bearer),
      await get('/v1/models/pocket', key),
    ]) {
      expect(response.status).toBe(403);
      expect(await errorOf(response)).toMatchObject({
        code: 'permission_denied',
        param: 'model',
        message: expect.stringContaining('"second"'),
      });
    }
    expect((await submitJob({ prompt: 'x', model: 'third' }, {}, key)).status).toBe(404);
  });

  it('may use nothing when none of them is served', async () => {
    const response = await submitJob({ prompt: 'x' }, {}, newKey('none', { models: ['not-served'] }));
    expect(response.status).toBe(403);
    expect(await errorOf(response)).toMatchObject({ code: 'permission_denied', param: 'model' });
  });
});

describe("a tenant's defaults", () => {
  const defaults = { model: 'second', steps: 7, size: '64x128', seed: 5, output_format: 'webp' };
  const key = newKey('defaults', { defaultsJson: JSON.stringify(defaults) });

  it('are what its requests mean when they leave something out, or say null', async () => {
    const jobs = work(undefined, 'second');
    expect((await submitJob({ prompt: 'x', seed: null }, {}, key)).status).toBe(202);
    expect((await post({ prompt: 'y', steps: 3, size: 'auto' }, { authorization: `Bearer ${key}` })).status).toBe(200);
    const own = () => jobs.filter(({ tenantId }) => tenantId === 'ten_defaults');
    await vi.waitFor(() => expect(own()).toHaveLength(2), { timeout: 20_000 });
    expect(own()[0]).toMatchObject({ model: 'second', steps: 7, width: 64, height: 128, seed: 5 });
    expect(own()[1]).toMatchObject({ steps: 3, width: 256, height: 256, seed: 5 });
  });

  it('make no bad request a good one', async () => {
    const response = await submitJob({ prompt: 'x', steps: 0 }, {}, key);
    expect(response.status).toBe(400);
    expect(await errorOf(response)).toMatchObject({ param: 'steps' });
  });
});
