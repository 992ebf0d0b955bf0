import { generationListBody } from '@darkroom/contracts/http';
import { startRedisServer, temporaryFolder } from '@darkroom/testing';
import { describe, expect, it, vi } from 'vitest';
import { commands, errorOf, generationOf, get, submitJob, useGateway, work } from '../gateway.fixture.js';
import { journalled } from '../journal/journal-service.fixture.js';

useGateway({ startRedisServer, temporaryFolder });

const list = async (query = '', key = 'dk_alice') =>
  generationListBody.parse(await (await get(`/v1/generations${query}`, key)).json());

describe('POST /v1/generations', () => {
  it('answers at once with where to look', async () => {
    const response = await submitJob({ prompt: 'a red apple', seed: 3 });
    expect(response.status).toBe(202);
    const generation = await generationOf(response);
    expect(response.headers.get('location')).toBe(`/v1/generations/${generation.id}`);
    expect(generation).toMatchObject({ object: 'generation', status: 'queued', model: 'pocket', data: null, error: null });
    work();
    await vi.waitFor(
      async () => expect((await generationOf(await get(`/v1/generations/${generation.id}`))).status).toBe('succeeded'),
      { timeout: 20_000 },
    );
  });

  it('is one generation however often it is sent under one key, also at the same time', async () => {
    const jobs = work();
    const headers = { 'idempotency-key': 'twenty' };
    const answers = await Promise.all(
      Array.from({ length: 20 }, async () => await generationOf(await submitJob({ prompt: 'a red apple', seed: 4 }, headers))),
    );
    expect(new Set(answers.map(({ id }) => id)).size).toBe(1);
    await vi.waitFor(async () => expect((await list()).data[0]?.status).toBe('succeeded'), { timeout: 20_000 });
    expect(jobs).toHaveLength(1);
    expect((await submitJob({ prompt: 'a green apple', seed: 4 }, headers)).status).toBe(409);
  });

  it('does not stream, and says where the events are', async () => {
    const response = await submitJob({ prompt: 'a red apple', stream: true });
    expect(response.status).toBe(400);
    expect(await errorOf(response)).toMatchObject({ param: 'stream', message: expect.stringContaining('/events') });
  });
});

describe('GET /v1/generations', () => {
  it('lists a tenant’s own, the newest first, page by page', async () => {
    const ids: string[] = [];
    for (let seed = 0; seed < 5; seed += 1) {
      ids.unshift((await generationOf(await submitJob({ prompt: 'a red apple', seed }, {}, 'dk_bob'))).id);
    }
    const first = await list('?limit=2', 'dk_bob');
    expect(first.data.map(({ id }) => id)).toEqual(ids.slice(0, 2));
    expect(first).toMatchObject({ has_more: true, first_id: ids[0], last_id: ids[1] });
    const second = await list(`?limit=3&after=${first.last_id}`, 'dk_bob');
    expect(second.data.map(({ id }) => id)).toEqual(ids.slice(2));
    expect((await list(`?after=${ids.at(-1)}`, 'dk_bob')).data).toEqual([]);
    expect((await list()).data.some(({ id }) => ids.includes(id))).toBe(false);
  });

  it('has what a gateway accepted that does not know the journal, once and in its place', async () => {
    const earlier = await generationOf(await submitJob({ prompt: 'a red apple' }, {}, 'dk_bob'));
    const later = await generationOf(await submitJob({ prompt: 'a red apple' }, {}, 'dk_bob'));
    journalled.delete(earlier.id);
    const newest = async () => (await list('?limit=2', 'dk_bob')).data.map(({ id }) => id);
    expect(await newest()).not.toContain(earlier.id);
    for (const { id } of [earlier, later]) await commands.zadd('darkroom:generations:ten_bob', 0, id);
    expect(await newest()).toEqual([later.id, earlier.id]);
    expect((await list(`?limit=1&after=${later.id}`, 'dk_bob')).data.map(({ id }) => id)).toEqual([earlier.id]);
  });

  it('filters by status and model', async () => {
    const other = await generationOf(await submitJob({ prompt: 'a red apple', model: 'second' }, {}, 'dk_bob'));
    expect((await list('?model=second', 'dk_bob')).data.map(({ id }) => id)).toEqual([other.id]);
    expect((await list('?status=succeeded', 'dk_bob')).data).toEqual([]);
    expect((await list('?status=queued&limit=1', 'dk_bob')).data).toHaveLength(1);
  });

  it.each([
    ['limit', '?limit=0', /1 to 100/],
    ['limit', '?limit=101', /1 to 100/],
    ['status', '?status=done', /"succeeded"/],
    ['after', '?after=1', /id/],
    ['page', '?page=2', /Supported: `after`/],
  ])('refuses a bad %s: %s', async (param, query, message) => {
    const response = await get(`/v1/generations${query}`);
    expect(response.status).toBe(400);
    expect(await errorOf(response)).toMatchObject({ param, message: expect.stringMatching(message) });
  });
});
