import { setTimeout as sleep } from 'node:timers/promises';
import type { UsageSummaryBody } from '@darkroom/contracts/http';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { request } from './generation.js';
import { type CreatedKey, TestPlatform } from './platform.js';

let platform: TestPlatform;

beforeAll(async () => {
  platform = await TestPlatform.start({ environment: { MODELS: '' } });
});

afterAll(() => platform.dispose());

/** Makes a tenant with limits, and a key of it. */
async function newTenant(name: string, limits: object): Promise<CreatedKey> {
  await platform.admin('POST', '/tenants', { name });
  await platform.admin('PATCH', `/tenants/${name}`, limits);
  return await platform.admin<CreatedKey>('POST', '/keys', { name, tenant: name });
}

const bearer = ({ secret }: CreatedKey) => ({ authorization: `Bearer ${secret}` });
const submit = (key: CreatedKey, differing: object = {}) =>
  platform.fetch('/v1/generations', { method: 'POST', body: JSON.stringify(request(differing)), headers: bearer(key) });

describe('a flood from one key', () => {
  it("is refused with a Retry-After that is true, while another key's image is made", async () => {
    // One every two seconds.
    const flooding = await newTenant('flood', { requests_per_minute: 30 });
    const other = await newTenant('other', { requests_per_minute: 30 });
    const flood = Promise.all(Array.from({ length: 150 }, () => platform.fetch('/v1/models', { headers: bearer(flooding) })));
    const image = platform.post(request({ seed: 1 }), bearer(other));
    const statuses = (await flood).map(({ status }) => status);
    expect(statuses.filter((status) => status === 200).length).toBeGreaterThanOrEqual(30);
    expect(statuses.filter((status) => status === 429).length).toBeGreaterThan(90);
    expect((await image).status).toBe(200);
    // The bucket has filled by a few while the image was made.
    let refused = await submit(flooding);
    while (refused.status === 202) refused = await submit(flooding);
    expect(refused.status).toBe(429);
    expect(refused.headers.get('x-ratelimit-remaining-requests')).toBe('0');
    await sleep(Number(refused.headers.get('retry-after')) * 1_000);
    expect((await submit(flooding)).status).toBe(202);
  });
});

describe('usage', () => {
  it('by day, model and key adds up to the ledger', async () => {
    const key = await newTenant('using', { compute_units_per_month: 1_000_000, concurrent_generations: 2 });
    for (const differing of [{ seed: 2 }, { seed: 3, n: 2 }, { seed: 4, solver: 'heun' }, { seed: 5, model: 'pocket-turbo' }]) {
      expect((await platform.post(request(differing), bearer(key))).status).toBe(200);
    }
    const { data: ledger } = await platform.admin<{ data: { compute_units: number; images: number; key: string }[] }>(
      'GET',
      '/usage?tenant=using&limit=1000',
    );
    expect(ledger).toHaveLength(4);
    const total = (rows: readonly { compute_units: number; images: number }[]) => ({
      computeUnits: rows.reduce((sum, row) => sum + row.compute_units, 0),
      images: rows.reduce((sum, row) => sum + row.images, 0),
    });
    for (const groupBy of ['day', 'model', 'key', 'day,model,key']) {
      const response = await platform.fetch(`/v1/usage?group_by=${groupBy}`, { headers: bearer(key) });
      const { data } = (await response.json()) as UsageSummaryBody;
      expect(total(data), groupBy).toEqual(total(ledger));
      expect(data.reduce((sum, { succeeded }) => sum + succeeded, 0)).toBe(4);
    }
    // All of it has ended: what is counted against the quota is what the ledger has.
    const limits = await platform.fetch('/v1/usage/limits', { headers: bearer(key) });
    expect(await limits.json()).toMatchObject({
      compute_units_per_month: { limit: 1_000_000, used: total(ledger).computeUnits },
      concurrent_generations: { limit: 2, running: 0, remaining: 2 },
    });
  });
});
