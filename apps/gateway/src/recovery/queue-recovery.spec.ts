/** Redis loses what it had, and the journal has it. */
import { GenerationResult, resultKey, Tenant } from '@darkroom/contracts';
import * as testing from '@darkroom/testing';
import { afterEach, expect, it, vi } from 'vitest';
import {
  blobs,
  cancel,
  commands,
  controlPlane,
  errorOf,
  gateway,
  generationOf,
  get,
  KEYS,
  post,
  submitJob,
  url,
  useGateway,
  work,
} from '../gateway.fixture.js';
import { endJournalled, journalled } from '../journal/journal-service.fixture.js';
import { GenerationJobs } from '../queue/generation-jobs.js';
import { ModelQueues } from '../queue/model-queues.js';

useGateway(testing);
afterEach(() => {
  vi.restoreAllMocks();
  journalled.clear();
});

/** Lets the gateway look, as it does when Redis is back, at what has been in the journal for long enough. */
async function lookAgain(): Promise<void> {
  for (const { job } of journalled.values()) job.createdAtMs -= 10_000;
  await commands.call('CLIENT', 'KILL', 'TYPE', 'normal');
  await expect.poll(async () => (await fetch(`${url}/readyz`)).status).toBe(200);
}
async function loseEverything(): Promise<void> {
  await commands.flushall();
  await lookAgain();
}
const submit = async (prompt: string, headers: Record<string, string> = {}, key = 'dk_alice') =>
  (await generationOf(await submitJob({ prompt }, headers, key))).id;
const statusOf = async (id: string) => (await generationOf(await get(`/v1/generations/${id}`))).status;
const waiting = () => gateway.app.get(ModelQueues).of('pocket').getJobCountByTypes('prioritized', 'waiting');

it('what waited when Redis lost everything comes back with all that was known of it, and is made once', async () => {
  const [plain, keyed, unwanted] = [
    await submit('plain'),
    await submit('keyed', { 'idempotency-key': 'k' }),
    await submit('unwanted'),
  ];
  expect((await cancel(unwanted)).status).toBe(200);
  await commands.flushall();
  expect(await statusOf(plain)).toBe('queued');
  await lookAgain();
  await expect.poll(waiting).toBe(3);
  // Before anybody asks with it again, and the journal is asked.
  expect(await commands.keys('darkroom:idempotency:ten_alice:*')).toHaveLength(1);
  expect(await submit('keyed', { 'idempotency-key': 'k' })).toBe(keyed);
  const { data } = (await (await get('/v1/generations')).json()) as { data: { id: string }[] };
  expect(data.map(({ id }) => id)).toEqual([unwanted, keyed, plain]);
  const jobs = work();
  await expect
    .poll(() => Promise.all([plain, keyed, unwanted].map(statusOf)), { timeout: 10_000 })
    .toEqual(['succeeded', 'succeeded', 'cancelled']);
  await lookAgain();
  expect((await post({ prompt: 'after' })).status).toBe(200);
  expect(jobs.map(({ prompt }) => prompt)).toEqual(['plain', 'keyed', 'after']);
});

it('what comes back counts among the generations that its tenant may have at a time', async () => {
  const tenant = Tenant.fromPartial({ concurrentGenerations: 1 });
  KEYS.set('dk_carol', { tenantId: 'ten_carol', keyId: 'key_carol', tenant });
  await submit('one', {}, 'dk_carol');
  await loseEverything();
  await expect.poll(waiting).toBe(1);
  const refused = await submitJob({ prompt: 'two' }, {}, 'dk_carol');
  expect(refused.status).toBe(429);
  work();
  await expect.poll(waiting).toBe(0);
});

it('a generation whose gateway died before it was in the queue is put there', async () => {
  const jobs = work();
  const reached = Promise.withResolvers<void>();
  vi.spyOn(gateway.app.get(GenerationJobs), 'add').mockImplementationOnce(async () => {
    reached.resolve();
    await new Promise<never>(() => {});
  });
  const gone = new AbortController();
  const lost = post({ prompt: 'half way' }, {}, gone.signal).catch(() => undefined);
  await reached.promise;
  gone.abort();
  await lost;
  await lookAgain();
  await expect.poll(() => jobs.map(({ prompt }) => prompt)).toEqual(['half way']);
});

it('a generation that was refused, since Redis did not take it, stays away', async () => {
  vi.spyOn(gateway.app.get(GenerationJobs), 'add').mockRejectedValueOnce(new Error('Redis is away'));
  expect((await submitJob({ prompt: 'refused' })).status).toBe(500);
  await expect.poll(() => [...journalled.values()].map(({ status }) => status)).toEqual(['withdrawn']);
  const other = await submit('accepted');
  await loseEverything();
  const jobs = work();
  await expect.poll(() => statusOf(other)).toBe('succeeded');
  expect(jobs.map(({ prompt }) => prompt)).toEqual(['accepted']);
});

it('without the control plane nothing is begun', async () => {
  expect((await get('/v1/models')).status).toBe(200);
  controlPlane.stop();
  const refused = await submitJob({ prompt: 'not entered' });
  expect(refused.status).toBe(503);
  expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
  expect((await errorOf(refused)).message).toContain('nothing was started');
  expect(await waiting()).toBe(0);
  await controlPlane.start();
  await expect.poll(async () => (await fetch(`${url}/readyz`)).status).toBe(200);
});

it('what had ended when Redis lost everything can still be fetched, and is not made again', async () => {
  const jobs = work();
  const headers = { 'idempotency-key': 'made' };
  const id = await submit('made', headers);
  await expect.poll(() => statusOf(id)).toBe('succeeded');
  const { result } = (await gateway.app.get(GenerationJobs).inQueue(id)) ?? {};
  await blobs.put(resultKey(id), GenerationResult.encode(result as GenerationResult).finish());
  const failed = await submit('failed');
  await expect.poll(() => statusOf(failed)).toBe('succeeded');
  endJournalled(failed, 'failed');

  await commands.flushall();
  const generation = await generationOf(await get(`/v1/generations/${id}`));
  expect(generation).toMatchObject({ status: 'succeeded', receipt: { model: 'pocket' } });
  const image = await fetch(String(generation.data?.[0]?.url));
  expect(await image.text()).toContain('made');
  expect(await statusOf(failed)).toBe('failed');
  expect((await get(`/v1/generations/${id}`, 'dk_bob')).status).toBe(404);
  expect(await submit('made', headers)).toBe(id);
  expect((await submitJob({ prompt: 'another' }, headers)).status).toBe(409);
  const replay = await fetch(`${url}/v1/generations/${id}/replay`, {
    method: 'POST',
    headers: { authorization: 'Bearer dk_alice' },
  });
  expect(replay.status).toBe(409);
  expect(jobs.map(({ prompt }) => prompt)).toEqual(['made', 'failed']);
});
