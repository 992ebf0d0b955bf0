import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { editedImageKey, encodeGenerationJob, GenerationJob, ImageFormat, newGenerationId, Tenant } from '@darkroom/contracts';
import { generationListBody } from '@darkroom/contracts/http';
import { GENERATION_JOB, openGenerationQueue } from '@darkroom/service-kit/queue';
import { startRedisServer, temporaryFolder } from '@darkroom/testing';
import { describe, expect, it, vi } from 'vitest';
import {
  blobs,
  errorOf,
  gateway,
  generationOf,
  get,
  KEYS,
  log,
  modelsDir,
  redis,
  seen,
  startGateway,
  submitJob,
  url,
  useGateway,
  work,
} from './gateway.fixture.js';

useGateway({ startRedisServer, temporaryFolder });

const replay = (id: string, init: { key?: string; headers?: Record<string, string>; body?: string } = {}) =>
  fetch(`${url}/v1/generations/${id}/replay`, {
    method: 'POST',
    headers: { authorization: `Bearer ${init.key ?? 'dk_alice'}`, ...init.headers },
    ...(init.body !== undefined && { body: init.body }),
  });

const ended = async (id: string) => {
  await vi.waitFor(async () => expect((await generationOf(await get(`/v1/generations/${id}`))).data).not.toBeNull(), {
    timeout: 20_000,
  });
  return await generationOf(await get(`/v1/generations/${id}`));
};

const make = async (body: object) => await ended((await generationOf(await submitJob(body))).id);

describe('POST /v1/generations/{id}/replay', () => {
  it('makes a generation of its own from all that the original was made from', async () => {
    const jobs = work();
    const original = await make({
      prompt: 'a red apple',
      negative_prompt: 'blur',
      n: 2,
      size: '64x128',
      steps: 3,
      guidance_scale: 1.5,
      solver: 'heun',
      sigmas: 'beta',
      priority: 'high',
      first_block_cache: 0.1,
      output_format: 'webp',
      output_compression: 30,
      moderation: 'low',
      user: 'someone',
      partial_images: 2,
      deadline: new Date(Date.now() + 3_600_000).toISOString(),
    });
    expect(original).toMatchObject({ replay_of: null, matches: null });
    const response = await replay(original.id);
    expect(response.status).toBe(202);
    const begun = await generationOf(response);
    expect(response.headers.get('location')).toBe(`/v1/generations/${begun.id}`);
    expect(begun).toMatchObject({ replay_of: original.id, user: 'someone' });
    expect(begun.id).not.toBe(original.id);

    const done = await ended(begun.id);
    expect(done).toMatchObject({ matches: true, replay_of: original.id });
    const [first, second] = jobs as [GenerationJob, GenerationJob];
    const { id, createdAtMs, traceparent, replay: of, deadlineAtMs, partialImages, ...rest } = second;
    expect(first).toMatchObject(rest);
    expect({ deadlineAtMs, partialImages }).toEqual({ deadlineAtMs: 0, partialImages: 0 });
    expect(of).toMatchObject({ generationId: original.id, modelDigest: original.receipt?.model_digest });
  });

  it('is judged by the policy that its tenant has now', async () => {
    const jobs = work();
    const original = await make({ prompt: 'a red apple' });
    const key = 'dk_alice_since';
    const tenant = Tenant.fromPartial({ policyDigest: 'sha256:since' });
    KEYS.set(key, { tenantId: 'ten_alice', keyId: 'key_alice', tenant });
    seen.contexts.length = 0;
    await ended((await generationOf(await replay(original.id, { key }))).id);
    expect(seen.contexts.map((context) => context?.policyDigest)).toEqual(['sha256:since']);
    expect(jobs.map(({ policyDigest }) => policyDigest)).toEqual(['', 'sha256:since']);
  });

  it('tells of images that are not the same', async () => {
    work();
    const original = await make({ prompt: 'a red apple', seed: 5 });
    // Whatever the worker's machine does otherwise than the first one.
    const jobs = work((job) => {
      if (job.replay !== undefined) job.prompt = 'a green apple';
      return Promise.resolve();
    });
    const replays = await Promise.all(
      [1, 2, 3, 4].map(async () => await ended((await generationOf(await replay(original.id))).id)),
    );
    const altered = new Set(jobs.filter((job) => job.replay !== undefined).map(({ id }) => id));
    for (const { id, matches } of replays) expect(matches).toBe(!altered.has(id));
  });

  it('is admitted like any other: moderated, and with its long prompt stored anew', async () => {
    const jobs = work();
    const prompt = 'ä'.repeat(10_000);
    const original = await make({ prompt });
    seen.moderated.length = 0;
    const again = await ended((await generationOf(await replay(original.id))).id);
    expect(again.matches).toBe(true);
    expect(seen.moderated).toEqual([prompt]);
    const key = jobs[1]?.promptBlobKey ?? '';
    expect(key).toContain(again.id);
    expect(Buffer.from((await blobs.get(key)) ?? []).toString()).toBe(prompt);

    await blobs.delete(jobs[0]?.promptBlobKey ?? '');
    const gone = await replay(original.id);
    expect(gone.status).toBe(409);
    expect(await errorOf(gone)).toMatchObject({ code: 'conflict', message: expect.stringContaining('prompt') });
  });

  it('is one generation for one Idempotency-Key, and none of another request with it', async () => {
    work();
    const [original, other] = [await make({ prompt: 'x', seed: 1 }), await make({ prompt: 'x', seed: 1 })];
    const headers = { 'idempotency-key': 'again' };
    const answers = await Promise.all([1, 2, 3].map(async () => await generationOf(await replay(original.id, { headers }))));
    expect(new Set(answers.map(({ id }) => id)).size).toBe(1);
    expect((await replay(other.id, { headers })).status).toBe(409);
    expect((await submitJob({ prompt: 'x', seed: 1 }, headers)).status).toBe(409);
  });

  it('knows no generation of another tenant, and none that never was', async () => {
    work();
    const original = await make({ prompt: 'x' });
    for (const id of [newGenerationId(), 'nonsense']) expect((await replay(id)).status).toBe(404);
    expect((await replay(original.id, { key: 'dk_bob' })).status).toBe(404);
    expect((await replay(original.id, { key: 'dk_nobody' })).status).toBe(401);
    expect(generationListBody.parse(await (await get('/v1/generations', 'dk_bob')).json()).data).toEqual([]);
  });

  it('needs one that has succeeded', async () => {
    const { id } = await generationOf(await submitJob({ prompt: 'x' }));
    const waiting = await replay(id);
    expect(waiting.status).toBe(409);
    expect(await errorOf(waiting)).toMatchObject({ code: 'conflict', message: expect.stringContaining('queued') });
    work(() => Promise.reject(new Error('it broke')));
    await vi.waitFor(async () => expect((await generationOf(await get(`/v1/generations/${id}`))).status).toBe('failed'), {
      timeout: 20_000,
    });
    expect(await errorOf(await replay(id))).toMatchObject({ code: 'conflict', message: expect.stringContaining('failed') });
  });

  it.each([
    ['a body that says something', { body: '{"seed": 7}', headers: { 'content-type': 'application/json' } }, 'seed'],
    ['a body that is no object', { body: '[1]', headers: { 'content-type': 'application/json' } }, 'body'],
    ['a key that is none', { headers: { 'idempotency-key': 'x'.repeat(256) } }, 'Idempotency-Key'],
  ])('refuses %s', async (_, init, param) => {
    const response = await replay(newGenerationId(), init);
    expect(response.status).toBe(400);
    expect(await errorOf(response)).toMatchObject({ param });
  });

  it('makes no edit again whose picture is gone', async () => {
    const id = newGenerationId();
    const job = GenerationJob.fromPartial({
      ...{ id, tenantId: 'ten_alice', keyId: 'key_alice', model: 'pocket', prompt: 'x', width: 64, height: 64, imageCount: 1 },
      ...{ format: ImageFormat.IMAGE_FORMAT_PNG, imageBlobKey: editedImageKey(id), strength: 0.6 },
    });
    const queue = openGenerationQueue('pocket', redis.url, log);
    await vi.waitFor(() => queue.count(), { timeout: 20_000 });
    await queue.add(GENERATION_JOB, encodeGenerationJob(job), { jobId: id });
    await queue.close();
    work();
    await ended(id);
    const response = await replay(id);
    expect(response.status).toBe(409);
    expect(await errorOf(response)).toMatchObject({ code: 'conflict', message: expect.stringContaining('picture') });
  });

  it('refuses when the model has changed', async () => {
    work();
    const original = await make({ prompt: 'x' });
    await writeFile(join(modelsDir, 'pocket', 'digests.json'), '{"files":{"transformer/model.onnx":"another"}}');
    await gateway.stop();
    await startGateway();
    const changed = await replay(original.id);
    expect(changed.status).toBe(409);
    expect(await errorOf(changed)).toMatchObject({ code: 'conflict', message: expect.stringContaining('changed') });
  });
});
