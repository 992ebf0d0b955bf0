import { Tenant, type UsageSum } from '@darkroom/contracts';
import { usageLimitsBody, usageSummaryBody } from '@darkroom/contracts/http';
import * as testing from '@darkroom/testing';
import { beforeAll, describe, expect, it } from 'vitest';
import { controlPlane, errorOf, get, KEYS, LEDGER, SUMS, seen, submitJob, url, useGateway } from '../gateway.fixture.js';

useGateway(testing);

const sum: UsageSum = {
  date: '2026-11-24',
  model: 'pocket',
  keyId: 'key_alice',
  generations: 3,
  images: 4,
  computeUnits: 12_345_678,
  kernelSeconds: 1.25,
  succeeded: 1,
  cancelled: 2,
  deadlineExceeded: 0,
};

describe('GET /v1/usage', () => {
  beforeAll(() => SUMS.push(sum));

  it('sums what the tenant used, of whole days', async () => {
    const response = await get('/v1/usage?from=2026-11-01&to=2026-11-24&group_by=model,day');
    expect(response.status).toBe(200);
    const { data, ...rest } = usageSummaryBody.parse(await response.json());
    expect(rest).toEqual({ object: 'list', from: '2026-11-01', to: '2026-11-24' });
    const sums = { generations: 3, images: 4, compute_units: 12_345_678, kernel_seconds: 1.25 };
    const outcomes = { succeeded: 1, cancelled: 2, deadline_exceeded: 0 };
    expect(data).toEqual([{ date: '2026-11-24', model: 'pocket', ...sums, ...outcomes }]);
    expect(seen.summarised.at(-1)).toEqual({
      tenantId: 'ten_alice',
      keyId: '',
      fromMs: Date.UTC(2026, 10, 1),
      endMs: Date.UTC(2026, 10, 25),
      groupBy: ['day', 'model'],
    });
  });

  it('is CSV by `format`, or by the header Accept', async () => {
    const query = '/v1/usage?from=2026-11-24&to=2026-11-24&group_by=key';
    const csv =
      'key,generations,images,compute_units,kernel_seconds,succeeded,cancelled,deadline_exceeded\r\nkey_alice,3,4,12345678,1.25,1,2,0\r\n';
    const accepting = (address: string) =>
      fetch(url + address, { headers: { authorization: 'Bearer dk_alice', accept: 'text/csv' } });
    for (const response of [await get(`${query}&format=csv`), await accepting(query)]) {
      expect(response.headers.get('content-type')).toBe('text/csv; charset=utf-8; header=present');
      expect(response.headers.get('content-disposition')).toBe('attachment; filename="usage-2026-11-24-2026-11-24.csv"');
      expect(await response.text()).toBe(csv);
    }
    expect((await accepting(`${query}&format=json`)).headers.get('content-type')).toMatch(/^application\/json/);
  });

  it('is of the key alone when it may only read', async () => {
    KEYS.set('dk_reader', { tenantId: 'ten_alice', keyId: 'key_reader', scopes: ['read'] });
    expect((await get('/v1/usage', 'dk_reader')).status).toBe(200);
    expect(seen.summarised.at(-1)).toMatchObject({ tenantId: 'ten_alice', keyId: 'key_reader' });
  });

  it.each([
    ['from', 'from=2026-11-25&to=2026-11-24'],
    ['from', 'from=2025-01-01&to=2026-11-24'],
    ['to', 'to=today'],
    ['group_by', 'group_by=tenant'],
    ['tenant', 'tenant=ten_bob'],
  ])('refuses a bad %s: %s', async (param, query) => {
    const response = await get(`/v1/usage?${query}`);
    expect(response.status).toBe(400);
    expect(await errorOf(response)).toMatchObject({ param });
  });

  it('is not there while the ledger is away', async () => {
    await get('/v1/models');
    controlPlane.stop();
    const response = await get('/v1/usage');
    expect(response.status).toBe(503);
    expect(response.headers.has('retry-after')).toBe(true);
    await controlPlane.start();
    await expect.poll(async () => (await get('/v1/usage')).status).toBe(200);
  });
});

describe('GET /v1/usage/limits', () => {
  it('tells the limits, and what is left of them', async () => {
    const tenant = Tenant.fromPartial({
      requestsPerMinute: 10,
      computeUnitsPerMinute: 16_384,
      computeUnitsPerMonth: 100_000,
      concurrentGenerations: 3,
    });
    KEYS.set('dk_limits', { tenantId: 'ten_limits', keyId: 'key_limits', tenant, requestsPerMinute: 5 });
    LEDGER.set('ten_limits', 50_000);
    await submitJob({ prompt: 'x', size: '64x64', steps: 2, guidance_scale: 1 }, {}, 'dk_limits');
    const limits = usageLimitsBody.parse(await (await get('/v1/usage/limits', 'dk_limits')).json());
    expect(limits).toMatchObject({
      requests_per_minute: { limit: 10, remaining: 8 },
      key_requests_per_minute: { limit: 5, remaining: 3 },
      compute_units_per_minute: { limit: 16_384 },
      compute_units_per_month: { limit: 100_000, used: 58_192, remaining: 41_808 },
      concurrent_generations: { limit: 3, running: 1, remaining: 2 },
    });
    expect(limits.compute_units_per_minute?.remaining).toBeGreaterThanOrEqual(8_192);
    expect(limits.compute_units_per_minute?.remaining).toBeLessThan(9_000);
    expect(limits.compute_units_per_month.resets_at).toMatch(/-01T00:00:00\.000Z$/);
  });

  it('tells of no limits where there are none', async () => {
    LEDGER.set('ten_bob', 7);
    expect(usageLimitsBody.parse(await (await get('/v1/usage/limits', 'dk_bob')).json())).toMatchObject({
      requests_per_minute: null,
      key_requests_per_minute: null,
      compute_units_per_minute: null,
      compute_units_per_month: { limit: null, used: 7, remaining: null },
      concurrent_generations: null,
    });
  });
});
