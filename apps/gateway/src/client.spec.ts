import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { ApiError, DarkroomClient, type GenerationEvent } from '@darkroom/client';
import type { GenerationJob } from '@darkroom/contracts';
import { connectRedis, publishEvent } from '@darkroom/service-kit/queue';
import { startRedisServer, temporaryFolder } from '@darkroom/testing';
import sharp from 'sharp';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { drawn, gateway, log, redis, url, useGateway, work } from './gateway.fixture.js';

useGateway({ startRedisServer, temporaryFolder });

/** How many of the next connections are lost, on which bytes of an answer, and whether these still arrive. */
interface Losses {
  left: number;
  readonly at: string;
  readonly arrive: boolean;
}

let losses: Losses;
let way: Server;
let client: DarkroomClient;
const sockets = new Set<Socket>();
beforeEach(async () => {
  losses = { left: 0, at: '', arrive: false };
  way = createServer((near) => {
    const far = connect(gateway.httpPort, '127.0.0.1');
    for (const socket of [near, far]) {
      sockets.add(socket);
      socket.on('error', () => undefined);
      socket.on('close', () => {
        near.destroy();
        far.destroy();
      });
    }
    near.pipe(far);
    const bring = (chunk: Buffer) => {
      const isLost = losses.left > 0 && chunk.includes(losses.at);
      if (!isLost || losses.arrive) near.write(chunk);
      if (!isLost) return;
      losses.left -= 1;
      far.off('data', bring);
      near.end(() => near.destroy());
    };
    far.on('data', bring);
  }).listen(0, '127.0.0.1');
  await once(way, 'listening');
  client = new DarkroomClient({ baseUrl: `http://127.0.0.1:${(way.address() as AddressInfo).port}`, apiKey: 'dk_alice' });
});
afterEach(() => {
  for (const socket of sockets) socket.destroy();
  sockets.clear();
  way.close();
});

let commands: ReturnType<typeof connectRedis>;
beforeAll(async () => {
  commands = connectRedis(redis.url, log);
  await vi.waitFor(() => expect(commands.status).toBe('ready'), { timeout: 20_000 });
});
afterAll(() => commands.disconnect());

/** Does a worker's part: tells of three steps, the last two when the gate opens. */
async function steps(job: GenerationJob, gate: Promise<void>): Promise<void> {
  const tell = (step: number) =>
    publishEvent(commands, job.id, {
      progress: { stage: 'denoise', step, steps: 3, image: 0, images: 1 },
      partialImage: undefined,
    });
  await tell(1);
  await gate;
  for (const step of [2, 3]) await tell(step);
}

describe('the client', () => {
  it('begins an edit of a picture', async () => {
    const jobs = work();
    const image = await sharp({ create: { width: 64, height: 96, channels: 3, background: '#0a0' } })
      .png()
      .toBuffer();
    const picture = { image: new Blob([new Uint8Array(image)]), strength: 0.5 };
    const { status, receipt } = await client.generateAndWait({ prompt: 'x', seed: 7 }, { picture });
    expect(status).toBe('succeeded');
    expect(receipt).toMatchObject({ strength: 0.5, seed: 7, width: 64, height: 96 });
    expect(jobs[0]).toMatchObject({ strength: 0.5, imageBlobKey: expect.stringContaining(jobs[0]?.id ?? '-') });
  });

  it('makes an image, tells of everything on the way, and fetches it', async () => {
    const jobs = work((job) => steps(job, Promise.resolve()));
    const events: GenerationEvent[] = [];
    const generation = await client.generateAndWait(
      { prompt: 'a red apple', seed: 7 },
      { onEvent: (event) => events.push(event) },
    );
    expect(generation).toMatchObject({ status: 'succeeded', receipt: { seed: 7 } });
    expect(events.map(({ event }) => event)).toEqual(['progress', 'progress', 'progress', 'succeeded']);
    const image = await client.image(generation.data?.[0]?.url ?? '');
    expect(await image.text()).toBe(drawn(jobs[0] as GenerationJob, 0).toString());
    expect((await client.generations({ status: 'succeeded' })).data.map(({ id }) => id)).toContain(generation.id);
  });

  it('goes on after a connection that was lost, with the event that comes next', async () => {
    const gate = Promise.withResolvers<void>();
    work((job) => steps(job, gate.promise));
    const { id } = await client.createGeneration({ prompt: 'a red apple' });
    losses = { left: 2, at: 'event: progress', arrive: true };
    const told: number[] = [];
    for await (const { event, data } of client.events(id)) {
      if (event === 'progress') told.push(data.step);
      gate.resolve();
    }
    expect(losses.left).toBe(0);
    expect(told).toEqual([1, 2, 3]);
  });

  it('asks again, under the same key, where no answer came, and gets one generation', async () => {
    const jobs = work();
    losses = { left: 1, at: 'HTTP/1.1 202', arrive: false };
    const { id } = await client.createGeneration({ prompt: 'an answer that is lost', seed: 3 });
    await vi.waitFor(async () => expect((await client.generation(id)).status).toBe('succeeded'), { timeout: 20_000 });
    expect(losses.left).toBe(0);
    expect(jobs.map((job) => job.id)).toEqual([id]);
  });

  it('throws what the gateway refuses, with its code and parameter', async () => {
    const refused = await client.createGeneration({ prompt: 'x', steps: 1000 }).catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(ApiError);
    expect(refused).toMatchObject({ status: 400, code: 'invalid_argument', param: 'steps', isTemporary: false });
    await expect(client.createGeneration({ prompt: 'gore' })).rejects.toMatchObject({ category: 'violence' });
    await expect(client.events('gen_none').next()).rejects.toMatchObject({ status: 404, code: 'not_found' });
    const stranger = new DarkroomClient({ baseUrl: url, apiKey: 'dk_nobody' });
    await expect(stranger.models()).rejects.toMatchObject({ status: 401, code: 'unauthenticated' });
    const nowhere = new DarkroomClient({ baseUrl: 'http://127.0.0.1:1', apiKey: 'dk_alice' });
    await expect(nowhere.models()).rejects.toMatchObject({ status: 0, code: 'unreachable', isTemporary: true });
  });

  it('throws what a generation failed of, and that it was cancelled', async () => {
    work(() => Promise.reject(new Error('broken')));
    await expect(client.generateAndWait({ prompt: 'x' })).rejects.toMatchObject({ code: 'internal' });
    const { id } = await client.createGeneration({ prompt: 'x', model: 'second' });
    expect(await client.cancel(id)).toMatchObject({ status: 'cancelled', error: { code: 'cancelled' } });
  });

  it('stops following when it is told to, and leaves the generation alone', async () => {
    const controller = new AbortController();
    const waiting = client.generateAndWait({ prompt: 'x', model: 'second' }, { signal: controller.signal });
    await vi.waitFor(async () => expect((await client.generations({ status: 'queued' })).data).toHaveLength(1), {
      timeout: 20_000,
    });
    controller.abort(new Error('enough'));
    await expect(waiting).rejects.toThrow();
    expect((await client.generations({ status: 'queued' })).data).toHaveLength(1);
  });

  it('calls every operation of the document by its path, and returns errors', async () => {
    const { data } = await client.api.GET('/v1/models/{id}', { params: { path: { id: 'second' } } });
    expect(data?.id).toBe('second');
    const { error, response } = await client.api.GET('/v1/models/{id}', { params: { path: { id: 'third' } } });
    expect(response.status).toBe(404);
    expect(error?.error.param).toBe('model');
  });
});
