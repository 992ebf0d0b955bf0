import { type GenerationEvent, newGenerationId, partialImageKey } from '@darkroom/contracts';
import { connectRedis, isCancellationRequested, publishEvent } from '@darkroom/service-kit/queue';
import { startRedisServer, temporaryFolder } from '@darkroom/testing';
import { EventSourceParserStream } from 'eventsource-parser/stream';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import {
  blobs,
  errorOf,
  generationOf,
  get,
  log,
  openai,
  post,
  redis,
  submitJob,
  url,
  useGateway,
  work,
} from '../gateway.fixture.js';

useGateway({ startRedisServer, temporaryFolder });

let commands: ReturnType<typeof connectRedis>;
beforeAll(async () => {
  commands = connectRedis(redis.url, log);
  await vi.waitFor(() => expect(commands.status).toBe('ready'), { timeout: 20_000 });
});
afterAll(() => commands.disconnect());

const progress = (step: number): GenerationEvent => ({
  progress: { stage: 'denoise', step, steps: 4, image: 0, images: 1 },
  partialImage: undefined,
});

/** A worker that tells of steps, shows the images as many times as it is asked to, and waits for the gate before it ends. */
function tellingWorker(gate: Promise<void> = Promise.resolve()) {
  return work(async (job) => {
    await publishEvent(commands, job.id, progress(1));
    for (let index = 0; index < job.partialImages; index += 1) {
      const blobKey = partialImageKey(job.id, 0, index, job.format);
      await blobs.put(blobKey, Buffer.from(`partial ${index}`));
      const at = { image: 0, index, blobKey, contentType: 'image/png', width: 256, height: 256, step: index + 1, steps: 4 };
      await publishEvent(commands, job.id, { progress: undefined, partialImage: at });
    }
    await gate;
  });
}

interface Read {
  readonly id: string | undefined;
  readonly event: string | undefined;
  readonly data: Record<string, unknown>;
}

const events = (id: string, headers: Record<string, string> = {}, signal?: AbortSignal) =>
  fetch(`${url}/v1/generations/${id}/events`, {
    headers: { authorization: 'Bearer dk_alice', ...headers },
    ...(signal && { signal }),
  });

/** Reads a stream of events to its end. */
async function readAll(response: Response): Promise<Read[]> {
  const all: Read[] = [];
  const parsed = response.body?.pipeThrough(new TextDecoderStream()).pipeThrough(new EventSourceParserStream());
  for await (const { id, event, data } of parsed ?? []) all.push({ id, event, data: JSON.parse(data) });
  return all;
}

describe('the events of a generation', () => {
  it('tell of steps and pictures, and end with the generation as GET returns it', async () => {
    tellingWorker();
    const { id } = await generationOf(await submitJob({ prompt: 'a red apple', partial_images: 2 }));
    const response = await events(id);
    expect(response.headers.get('content-type')).toMatch(/^text\/event-stream/);
    const all = await readAll(response);
    expect(all.map(({ event }) => event)).toEqual(['progress', 'partial_image', 'partial_image', 'succeeded']);
    expect(all[0]?.data).toMatchObject({ stage: 'denoise', step: 1, steps: 4, image: 0, images: 1 });
    expect(await (await fetch(String(all[1]?.data.url))).text()).toBe('partial 0');
    const { data: final, ...rest } = all.at(-1)?.data ?? {};
    const { data: fetched, ...same } = await generationOf(await get(`/v1/generations/${id}`));
    expect(rest).toEqual(same);
    expect(final).toHaveLength((fetched ?? []).length);
  });

  it('go on after the last one that a client had, and are over after the end', async () => {
    tellingWorker();
    const { id } = await generationOf(await submitJob({ prompt: 'a red apple', partial_images: 1 }));
    const all = await readAll(await events(id));
    const rest = await readAll(await events(id, { 'last-event-id': String(all[0]?.id) }));
    expect(rest.map(({ id: place }) => place)).toEqual(all.slice(1).map(({ id: place }) => place));
    expect((await events(id, { 'last-event-id': String(all.at(-1)?.id) })).status).toBe(204);
  });

  it('end with why it failed', async () => {
    work(() => Promise.reject(new Error('broken')));
    const { id } = await generationOf(await submitJob({ prompt: 'a red apple' }));
    const [last] = (await readAll(await events(id))).slice(-1);
    expect(last).toMatchObject({ event: 'failed', data: { status: 'failed', error: { code: 'internal' } } });
  });

  it('are nobody else’s, and a place that is none is told as such', async () => {
    tellingWorker();
    const { id } = await generationOf(await submitJob({ prompt: 'a red apple' }));
    expect((await get(`/v1/generations/${id}/events`, 'dk_bob')).status).toBe(404);
    expect((await events(newGenerationId())).status).toBe(404);
    const refused = await events(id, { 'last-event-id': 'yesterday' });
    expect(refused.status).toBe(400);
    expect(await errorOf(refused)).toMatchObject({ param: 'Last-Event-ID' });
  });

  it('a client that leaves them does not cancel the generation', async () => {
    const gate = Promise.withResolvers<void>();
    tellingWorker(gate.promise);
    const { id } = await generationOf(await submitJob({ prompt: 'a red apple' }));
    const leaving = new AbortController();
    await events(id, {}, leaving.signal);
    leaving.abort();
    gate.resolve();
    await vi.waitFor(async () => expect((await generationOf(await get(`/v1/generations/${id}`))).status).toBe('succeeded'), {
      timeout: 20_000,
    });
  });
});

describe('a request for images that streams', () => {
  it('gives the official client pictures and then the image', async () => {
    tellingWorker();
    const stream = await openai().images.generate({ prompt: 'a red apple', model: 'pocket', stream: true, partial_images: 2 });
    const seen = [];
    for await (const event of stream) seen.push(event);
    expect(seen.map(({ type }) => type)).toEqual([
      'image_generation.partial_image',
      'image_generation.partial_image',
      'image_generation.completed',
    ]);
    expect(seen.map(({ b64_json }) => Buffer.from(b64_json, 'base64').toString())).toEqual([
      'partial 0',
      'partial 1',
      expect.stringMatching(/^a red apple \d+ 256x256$/),
    ]);
    expect(seen[1]).toMatchObject({ partial_image_index: 1, size: '256x256', output_format: 'png' });
  });

  it('tells what it failed of in the stream', async () => {
    work(() => Promise.reject(new Error('broken')));
    const response = await post({ prompt: 'a red apple', stream: true });
    expect(response.status).toBe(200);
    expect(await readAll(response)).toMatchObject([{ event: 'error', data: { type: 'error', error: { code: 'internal' } } }]);
  });

  it('is cancelled when its client hangs up, unless it keeps it', async () => {
    const gate = Promise.withResolvers<void>();
    const jobs = tellingWorker(gate.promise);
    for (const keep of [false, true]) {
      const leaving = new AbortController();
      const body = JSON.stringify({ prompt: 'a red apple', stream: true, keep_on_disconnect: keep });
      const headers = { authorization: 'Bearer dk_alice', 'content-type': 'application/json' };
      await fetch(`${url}/v1/images/generations`, { method: 'POST', headers, body, signal: leaving.signal });
      await vi.waitFor(() => expect(jobs).toHaveLength(1), { timeout: 20_000 });
      leaving.abort();
      const [{ id = '' } = {}] = jobs.splice(0);
      if (keep) await new Promise((resolve) => setTimeout(resolve, 300));
      await vi.waitFor(async () => expect(await isCancellationRequested(commands, id)).toBe(!keep), { timeout: 20_000 });
      gate.resolve();
    }
  });

  it('refuses pictures without a stream, and more than three', async () => {
    const without = await post({ prompt: 'a red apple', partial_images: 1 });
    expect(without.status).toBe(400);
    expect(await errorOf(without)).toMatchObject({ param: 'partial_images', message: expect.stringContaining('stream') });
    const many = await post({ prompt: 'a red apple', partial_images: 4, stream: true });
    expect(await errorOf(many)).toMatchObject({ param: 'partial_images', message: expect.stringMatching(/0 to 3/) });
  });
});
