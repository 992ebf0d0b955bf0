import { DarkroomError, type GenerationJob, toQueue } from '@darkroom/contracts';
import { imagesResponseBody, modelListBody } from '@darkroom/contracts/http';
import * as testing from '@darkroom/testing';
import { OpenAI } from 'openai';
import { describe, expect, it } from 'vitest';
import {
  blobs,
  controlPlane,
  DECISION,
  drawn,
  encoder,
  errorOf,
  get,
  moderator,
  openai,
  post,
  seen,
  url,
  useGateway,
  work,
} from './gateway.fixture.js';

useGateway(testing);

describe('the official openai client, unmodified', () => {
  it('gets its images', async () => {
    const jobs = work();
    const answer = await openai().images.generate({ prompt: 'a red apple', n: 2, size: '256x256', response_format: 'b64_json' });
    const job = jobs[0] as GenerationJob;
    expect(answer.data?.map(({ b64_json }) => Buffer.from(b64_json ?? '', 'base64').toString())).toEqual([
      drawn(job, 0).toString(),
      drawn(job, 1).toString(),
    ]);
    expect(imagesResponseBody.parse(answer)).toMatchObject({
      id: job.id,
      model: 'pocket',
      size: '256x256',
      output_format: 'png',
      receipt: { seed: job.seed, steps: 20, guidance_scale: 4, timings: [{ stage: 'denoise', total_ms: 12, kernel_ms: 10 }] },
    });
  });

  it('lists and retrieves models', async () => {
    const listed: string[] = [];
    for await (const { id } of openai().models.list()) listed.push(id);
    expect(listed).toEqual(['pocket', 'second']);
    expect(await openai().models.retrieve('second')).toMatchObject({ id: 'second', object: 'model', size: { granularity: 32 } });
    await expect(openai().models.retrieve('third')).rejects.toBeInstanceOf(OpenAI.NotFoundError);
    modelListBody.parse(await (await get('/v1/models')).json());
  });

  it('gets its own kinds of errors', async () => {
    await expect(openai().images.generate({ prompt: '' })).rejects.toMatchObject({
      status: 400,
      param: 'prompt',
      code: 'invalid_argument',
    });
    const stranger = new OpenAI({ baseURL: `${url}/v1`, apiKey: 'dk_nobody', maxRetries: 0 });
    await expect(stranger.images.generate({ prompt: 'x' })).rejects.toBeInstanceOf(OpenAI.AuthenticationError);
  });
});

describe('POST /v1/images/generations', () => {
  it('hands every parameter to the right model, and delivers by URL without a key', async () => {
    const jobs = work(undefined, 'second');
    const deadlineAtMs = Date.now() + 3_600_000;
    const response = await post({
      prompt: 'a star',
      negative_prompt: 'blur',
      model: 'second',
      size: '64x128',
      steps: 3,
      guidance_scale: 1.5,
      seed: 4_294_967_295,
      output_format: 'webp',
      response_format: 'url',
      solver: 'heun',
      sigmas: 'beta',
      priority: 'low',
      deadline: new Date(deadlineAtMs).toISOString(),
      first_block_cache: 0.1,
    });
    expect(response.status).toBe(200);
    const body = imagesResponseBody.parse(await response.json());
    expect(jobs[0]).toMatchObject({
      id: body.id,
      tenantId: 'ten_alice',
      keyId: 'key_alice',
      model: 'second',
      prompt: 'a star',
      negativePrompt: 'blur',
      width: 64,
      height: 128,
      steps: 3,
      guidanceScale: 1.5,
      seed: 4_294_967_295,
      imageCount: 1,
      solver: 'heun',
      sigmas: 'beta',
      priority: -1,
      deadlineAtMs,
      firstBlockCacheThreshold: 0.1,
    });
    expect(body.receipt).toMatchObject({ solver: 'heun', sigmas: 'beta', first_block_cache: 0.1 });
    expect(response.headers.get('x-request-id')).toBe(body.id);
    const image = await fetch(body.data[0]?.url ?? '');
    expect(image.headers.get('content-type')).toBe('image/webp');
    expect(await image.text()).toBe(drawn(jobs[0] as GenerationJob, 0).toString());
  });

  it('draws a seed of its own when none is given, and leaves the rest to the model', async () => {
    const jobs = work();
    await post({ prompt: 'x' });
    const { receipt } = imagesResponseBody.parse(await (await post({ prompt: 'x' })).json());
    expect(jobs[0]?.seed).not.toBe(jobs[1]?.seed);
    expect(jobs[0]).toMatchObject({ solver: '', sigmas: '', priority: 0, deadlineAtMs: 0, firstBlockCacheThreshold: 0 });
    for (const name of ['solver', 'sigmas', 'first_block_cache']) expect(receipt).not.toHaveProperty(name);
  });

  it('sends long prompts through the blob store', async () => {
    const jobs = work();
    const prompt = 'ä'.repeat(10_000);
    expect((await post({ prompt })).status).toBe(200);
    expect(jobs[0]).toMatchObject({ prompt: '', promptBlobKey: `prompts/${jobs[0]?.id}.txt`, negativePromptBlobKey: '' });
    expect(Buffer.from((await blobs.get(jobs[0]?.promptBlobKey ?? '')) ?? []).toString()).toBe(prompt);
  });

  it('counts the tokens of prompts that may be too long, and only of those', async () => {
    work();
    expect((await post({ prompt: 'a'.repeat(65_536) })).status).toBe(200);
    const response = await post({ prompt: 'a'.repeat(65_538) });
    expect(response.status).toBe(400);
    expect(await errorOf(response)).toMatchObject({ param: 'prompt', message: expect.stringContaining('32,769') });
    const negative = await post({ prompt: 'x', negative_prompt: 'a'.repeat(65_538) });
    expect(await errorOf(negative)).toMatchObject({ param: 'negative_prompt' });
    encoder.stop();
    expect((await post({ prompt: 'a'.repeat(65_536) })).status).toBe(503);
    expect((await post({ prompt: 'a'.repeat(32_766) })).status).toBe(200);
    await encoder.start();
  });

  it.each([
    ['an empty prompt', { prompt: '' }, 'prompt', 400],
    ['n of 0', { prompt: 'x', n: 0 }, 'n', 400],
    ['n of 11', { prompt: 'x', n: 11 }, 'n', 400],
    ['steps of 0', { prompt: 'x', steps: 0 }, 'steps', 400],
    ['steps of 1,000', { prompt: 'x', steps: 1000 }, 'steps', 400],
    ['a size off the grid', { prompt: 'x', size: '100x100' }, 'size', 400],
    ['a size too large', { prompt: 'x', size: '1056x1024' }, 'size', 400],
    ['an unknown solver', { prompt: 'x', solver: 'ddim' }, 'solver', 400],
    ['a deadline in the past', { prompt: 'x', deadline: '2020-01-01T00:00:00Z' }, 'deadline', 400],
    ['an unknown parameter', { prompt: 'x', style: 'vivid' }, 'style', 400],
    ['a transparent background', { prompt: 'x', background: 'transparent' }, 'background', 400],
    ['a compressed PNG', { prompt: 'x', output_compression: 50 }, 'output_compression', 400],
    ['an unknown model', { prompt: 'x', model: 'dall-e-3' }, 'model', 404],
    ['broken JSON', '{"prompt": ', 'body', 400],
    ['no object', '[]', 'body', 400],
    ['a body of 10 MB', { prompt: 'x'.repeat(10_000_000) }, 'body', 413],
  ])('refuses %s before anyone is asked about it', async (_name, body, param, status) => {
    const moderated = seen.moderated.length;
    const response = await post(body);
    expect(response.status).toBe(status);
    expect(await errorOf(response)).toMatchObject({ param, message: expect.any(String), type: 'invalid_request_error' });
    expect(seen.moderated.length).toBe(moderated);
  });

  it('refuses an unknown query parameter', async () => {
    const response = await fetch(`${url}/v1/models?limit=3`, { headers: { authorization: 'Bearer dk_alice' } });
    expect(await errorOf(response)).toMatchObject({ param: 'limit' });
  });

  it('asks for the key before it reads the body', async () => {
    for (const headers of [{ authorization: '' }, { authorization: 'Basic x' }, { authorization: 'Bearer dk_nobody' }]) {
      const response = await post('{"prompt": ', headers);
      expect(response.status).toBe(401);
      expect(await errorOf(response)).toMatchObject({ type: 'authentication_error', code: 'unauthenticated' });
    }
    for (const path of [
      '/v1/models',
      '/v1/models/pocket',
      '/v1/generations/gen_x',
      '/%761/models',
      '/v1/../v1/models',
      '//v1/models',
    ]) {
      expect([401, 404], path).toContain((await fetch(url + path)).status);
    }
  });

  it('refuses what the moderator refuses, with the category, in either prompt', async () => {
    const jobs = work();
    const response = await post({ prompt: 'gore' });
    expect(response.status).toBe(400);
    expect(await errorOf(response)).toMatchObject({
      code: 'content_policy_violation',
      param: 'prompt',
      category: 'violence',
      decision_id: DECISION,
    });
    expect(await errorOf(await post({ prompt: 'x', negative_prompt: 'gore' }))).toMatchObject({
      param: 'negative_prompt',
      category: 'violence',
    });
    expect(jobs).toHaveLength(0);
  });

  it("tells a picture's refusal as it tells a prompt's", async () => {
    work(() => {
      throw new Error(
        toQueue(new DarkroomError({ code: 'content_policy_violation', message: 'the image was refused', category: 'sexual' })),
      );
    });
    const response = await post({ prompt: 'x' });
    expect(response.status).toBe(400);
    expect(await errorOf(response)).toMatchObject({ code: 'content_policy_violation', category: 'sexual', param: null });
  });

  it.each([
    [{ code: 'invalid_argument', message: "karras sigmas can't space this model's noise levels", param: 'sigmas' }, 400],
    [{ code: 'deadline_exceeded', message: 'the deadline passed before the images were done' }, 504],
    [{ code: 'worker_lost', message: '2 worker processes in a row ended while this generation ran' }, 500],
  ] as const)('tells what only the worker can find out: %j', async (reason, status) => {
    work(() => {
      throw new Error(toQueue(new DarkroomError(reason)));
    });
    const response = await post({ prompt: 'x', sigmas: 'karras' });
    expect(response.status).toBe(status);
    expect(await errorOf(response)).toMatchObject({ param: null, ...reason });
  });

  it('fails closed: without a verdict nothing is enqueued', async () => {
    const jobs = work();
    for (const prompt of ['breaks the classifier', 'no verdict']) {
      const response = await post({ prompt });
      expect(response.status).toBe(503);
      expect(Number(response.headers.get('retry-after'))).toBeGreaterThan(0);
    }
    moderator.stop();
    expect((await post({ prompt: 'a flower' })).status).toBe(503);
    expect((await fetch(`${url}/readyz`)).status).toBe(503);
    await moderator.start();
    await expect.poll(async () => (await post({ prompt: 'a flower' })).status).toBe(200);
    expect(jobs.map(({ prompt }) => prompt)).toEqual(['a flower']);
  });

  it('lets nobody in while keys can not be checked', async () => {
    controlPlane.stop();
    const response = await post({ prompt: 'x' }, { authorization: 'Bearer dk_bob' });
    expect(response.status).toBe(503);
    expect(response.headers.has('retry-after')).toBe(true);
    await controlPlane.start();
    await expect.poll(async () => (await get('/v1/models', 'dk_bob')).status).toBe(200);
  });

  it('hides why a generation failed inside', async () => {
    work(() => {
      throw new Error('secret detail');
    });
    const response = await post({ prompt: 'x' });
    expect(response.status).toBe(500);
    expect(await response.text()).not.toContain('secret detail');
  });
});
