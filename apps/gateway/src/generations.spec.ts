import { setTimeout as sleep } from 'node:timers/promises';
import { DarkroomError, toQueue } from '@darkroom/contracts';
import { imagesResponseBody } from '@darkroom/contracts/http';
import * as testing from '@darkroom/testing';
import { describe, expect, it } from 'vitest';
import { errorOf, generationOf, get, post, useGateway, work } from './gateway.fixture.js';

useGateway(testing);

describe('Idempotency-Key', () => {
  it('makes repeated requests one generation, and another request a conflict', async () => {
    const jobs = work(() => sleep(200));
    const headers = { 'idempotency-key': 'order 66' };
    const answers = await Promise.all(
      [1, 2, 3].map(async () => imagesResponseBody.parse(await (await post({ prompt: 'once' }, headers)).json())),
    );
    answers.push(imagesResponseBody.parse(await (await post({ prompt: 'once' }, headers)).json()));
    expect(new Set(answers.map(({ id, data }) => id + data[0]?.b64_json)).size).toBe(1);
    expect(jobs).toHaveLength(1);
    const conflict = await post({ prompt: 'twice' }, headers);
    expect(conflict.status).toBe(409);
    expect(await errorOf(conflict)).toMatchObject({ code: 'conflict', param: 'Idempotency-Key' });
  });

  it('belongs to its tenant', async () => {
    work();
    const headers = { 'idempotency-key': 'shared name' };
    const alice = imagesResponseBody.parse(await (await post({ prompt: 'x' }, headers)).json());
    const bob = imagesResponseBody.parse(
      await (await post({ prompt: 'x' }, { ...headers, authorization: 'Bearer dk_bob' })).json(),
    );
    expect(alice.id).not.toBe(bob.id);
  });

  it.each(['x'.repeat(256), 'ü'])('refuses the key %s', async (key) => {
    expect(await errorOf(await post({ prompt: 'x' }, { 'idempotency-key': key }))).toMatchObject({ param: 'Idempotency-Key' });
  });
});

describe('a generation that is looked at', () => {
  it('tells its state, progress and result', async () => {
    const gate = Promise.withResolvers<void>();
    const progress = { stage: 'denoise', step: 3, steps: 20, image: 0, images: 1 };
    const response = await post({ prompt: 'x' }, { prefer: 'respond-async' });
    expect(response.status).toBe(202);
    const { id, status } = await generationOf(response);
    expect(status).toBe('queued');
    expect(response.headers.get('location')).toBe(`/v1/generations/${id}`);

    work(async (_job, report) => {
      await report(progress);
      await gate.promise;
    });
    const shown = { ...progress, queue_position: null, expected_finish: null };
    await expect.poll(async () => (await generationOf(await get(`/v1/generations/${id}`))).progress).toEqual(shown);
    expect(await generationOf(await get(`/v1/generations/${id}`))).toMatchObject({
      status: 'running',
      data: null,
      receipt: null,
      error: null,
    });
    gate.resolve();
    await expect.poll(async () => (await generationOf(await get(`/v1/generations/${id}`))).status).toBe('succeeded');
    const done = await generationOf(await get(`/v1/generations/${id}`));
    expect(done.receipt).toMatchObject({ model: 'pocket' });
    expect((await fetch(done.data?.[0]?.url ?? '')).status).toBe(200);
  });

  it('tells why it failed', async () => {
    work(() => {
      throw new Error(
        toQueue(new DarkroomError({ code: 'unavailable', message: 'the decoder stayed away', retryAfterSeconds: 5 })),
      );
    });
    const { id } = await generationOf(await post({ prompt: 'x' }, { prefer: 'respond-async, wait=10' }));
    await expect.poll(async () => (await generationOf(await get(`/v1/generations/${id}`))).status).toBe('failed');
    expect((await generationOf(await get(`/v1/generations/${id}`))).error).toMatchObject({
      code: 'unavailable',
      message: 'the decoder stayed away',
    });
  });

  it("is hidden from other tenants, as if it didn't exist", async () => {
    const { id } = await generationOf(await post({ prompt: 'x' }, { prefer: 'respond-async' }));
    const response = await get(`/v1/generations/${id}`, 'dk_bob');
    expect(response.status).toBe(404);
    const absent = await get(`/v1/generations/${id.slice(0, -4)}0000`, 'dk_bob');
    expect(await response.text()).toBe(await absent.text());
    expect((await get('/v1/generations/nonsense')).status).toBe(404);
    work();
    await expect.poll(async () => (await generationOf(await get(`/v1/generations/${id}`))).status).toBe('succeeded');
  });
});

describe('an image URL', () => {
  it('works as it was made, and not otherwise', async () => {
    work();
    const { data } = imagesResponseBody.parse(await (await post({ prompt: 'x', response_format: 'url' })).json());
    const address = new URL(data[0]?.url ?? '');
    expect((await fetch(address)).status).toBe(200);
    const other = new URL(address);
    other.pathname = other.pathname.replace('/0.png', '/1.png');
    const later = new URL(address);
    later.searchParams.set('expires', String(Number(later.searchParams.get('expires')) + 1));
    const unsigned = new URL(address.pathname, address);
    const result = new URL(address);
    result.pathname = result.pathname.replace('0.png', 'result.bin');
    for (const wrong of [other, later, unsigned, result]) expect((await fetch(wrong)).status).toBe(403);
  });
});
