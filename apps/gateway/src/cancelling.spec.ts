import { DarkroomError, toQueue } from '@darkroom/contracts';
import * as testing from '@darkroom/testing';
import { describe, expect, it } from 'vitest';
import { cancel, errorOf, gateway, generationOf, get, openai, post, useGateway, work } from './gateway.fixture.js';
import { Waiters } from './generations/waiters.js';

useGateway(testing);

const submit = async (body: object = {}) =>
  (await generationOf(await post({ prompt: 'x', ...body }, { prefer: 'respond-async' }))).id;
const stateOf = async (id = '') => await generationOf(await get(`/v1/generations/${id}`));
const statusOf = async (id = '') => (await stateOf(id)).status;

/** How many clients the gateway knows to wait for a generation. */
const waitersOf = (id = '') => (gateway.app.get(Waiters) as unknown as { counts: Map<string, number> }).counts.get(id);

/** A worker's part that never ends by itself. */
const forever = () => new Promise<void>(() => {});

describe('DELETE /v1/generations/{id}', () => {
  it('ends one that runs, and doing it again changes nothing', async () => {
    const jobs = work(forever);
    const id = await submit();
    await expect.poll(() => jobs.length).toBe(1);
    for (const _time of ['first', 'second']) {
      const response = await cancel(id);
      expect(response.status).toBe(200);
      expect(await generationOf(response)).toMatchObject({ status: 'cancelled', data: null, error: { code: 'cancelled' } });
    }
    expect(await statusOf(id)).toBe('cancelled');
  });

  it('tells whoever waits for it', async () => {
    const jobs = work(forever);
    const waiting = post({ prompt: 'x' });
    await expect.poll(() => jobs.length).toBe(1);
    expect((await cancel(String(jobs[0]?.id))).status).toBe(200);
    const response = await waiting;
    expect(response.status).toBe(499);
    expect(await errorOf(response)).toMatchObject({ code: 'cancelled' });
  });

  it('ends one that is queued though nobody takes it, and whoever takes it later drops it', async () => {
    const id = await submit();
    const response = await cancel(id);
    expect(response.status).toBe(200);
    expect(await generationOf(response)).toMatchObject({ status: 'cancelled', error: { code: 'cancelled' } });
    expect(await statusOf(id)).toBe('cancelled');
    const jobs = work();
    expect((await post({ prompt: 'the next' })).status).toBe(200);
    expect(jobs.map(({ prompt }) => prompt)).toEqual(['the next']);
    expect(await statusOf(id)).toBe('cancelled');
  });

  it('answers 202 while it is still ending; one that was quicker has succeeded', async () => {
    const gate = Promise.withResolvers<void>();
    const jobs = work(() => gate.promise, 'pocket', { isTooFar: true });
    const id = await submit();
    await expect.poll(() => jobs.length).toBe(1);
    const response = await cancel(id);
    expect(response.status).toBe(202);
    expect(await generationOf(response)).toMatchObject({ status: 'cancelling', data: null, error: null });
    expect(await statusOf(id)).toBe('cancelling');
    gate.resolve();
    await expect.poll(() => statusOf(id)).toBe('succeeded');
  });

  it('leaves one that has ended as it is', async () => {
    work(({ prompt }) => {
      if (prompt === 'fails') throw new Error(toQueue(new DarkroomError({ code: 'unavailable', message: 'no decoder' })));
      return Promise.resolve();
    });
    const [succeeded, failed] = [await submit(), await submit({ prompt: 'fails' })];
    await expect.poll(() => statusOf(succeeded)).toBe('succeeded');
    await expect.poll(() => statusOf(failed)).toBe('failed');
    for (const [id, status] of [
      [succeeded, 'succeeded'],
      [failed, 'failed'],
    ] as const) {
      const response = await cancel(id);
      expect(response.status).toBe(200);
      expect((await generationOf(response)).status).toBe(status);
      expect(await statusOf(id)).toBe(status);
    }
    expect((await stateOf(succeeded)).data).toHaveLength(1);
  });

  it("hides other tenants' as if they didn't exist, and leaves them alone", async () => {
    const id = await submit();
    const foreign = await cancel(id, 'dk_bob');
    const unknown = await cancel(`${id.slice(0, -4)}0000`);
    expect([foreign.status, unknown.status, (await cancel('nonsense')).status]).toEqual([404, 404, 404]);
    expect(await foreign.text()).toBe(await unknown.text());
    expect((await cancel(id, 'dk_nobody')).status).toBe(401);
    work();
    await expect.poll(() => statusOf(id)).toBe('succeeded');
  });

  it('works by the official client', async () => {
    expect(await openai().delete(`/generations/${await submit()}`)).toMatchObject({ status: 'cancelled' });
  });
});

describe('a client that hangs up', () => {
  /** Posts a request, and hangs up when the returned function is called. */
  function hangUpLater(body: object = {}, headers: Record<string, string> = {}) {
    const controller = new AbortController();
    const request = post({ prompt: 'x', ...body }, headers, controller.signal);
    return async () => {
      controller.abort();
      await expect(request).rejects.toThrow();
    };
  }

  it('cancels its generation', async () => {
    const jobs = work(forever);
    const hangUp = hangUpLater();
    await expect.poll(() => jobs.length).toBe(1);
    await hangUp();
    await expect.poll(() => statusOf(jobs[0]?.id)).toBe('cancelled');
  });

  it.each([
    ['keep_on_disconnect', { keep_on_disconnect: true }, {}],
    ['an Idempotency-Key', {}, { 'idempotency-key': 'kept' }],
  ])('with %s finds it finished', async (_name, body, headers) => {
    const gate = Promise.withResolvers<void>();
    const jobs = work(() => gate.promise);
    const hangUp = hangUpLater(body, headers);
    await expect.poll(() => jobs.length).toBe(1);
    await hangUp();
    await expect.poll(() => waitersOf(jobs[0]?.id)).toBeUndefined();
    expect(await statusOf(jobs[0]?.id)).toBe('running');
    gate.resolve();
    await expect.poll(() => statusOf(jobs[0]?.id)).toBe('succeeded');
  });

  it('cancels it once it is the last of those that share it', async () => {
    const jobs = work(forever);
    const [body, headers] = [{ keep_on_disconnect: false }, { 'idempotency-key': 'shared' }];
    const first = hangUpLater(body, headers);
    await expect.poll(() => jobs.length).toBe(1);
    const second = hangUpLater(body, headers);
    await expect.poll(() => waitersOf(jobs[0]?.id)).toBe(2);
    await first();
    await expect.poll(() => waitersOf(jobs[0]?.id)).toBe(1);
    expect(await statusOf(jobs[0]?.id)).toBe('running');
    await second();
    await expect.poll(() => statusOf(jobs[0]?.id)).toBe('cancelled');
  });
});

describe('a deadline', () => {
  it('ends one that nobody has begun', async () => {
    const response = await post({ prompt: 'x', deadline: new Date(Date.now() + 300).toISOString() });
    expect(response.status).toBe(504);
    expect(await errorOf(response)).toMatchObject({ code: 'deadline_exceeded' });
    const id = response.headers.get('x-request-id') ?? '';
    expect(await stateOf(id)).toMatchObject({ status: 'failed', error: { code: 'deadline_exceeded' } });
    expect(await generationOf(await cancel(id))).toMatchObject({ status: 'failed' });
  });

  it('that has not passed changes nothing', async () => {
    work();
    expect((await post({ prompt: 'x', deadline: new Date(Date.now() + 60_000).toISOString() })).status).toBe(200);
  });
});
