import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { denoising, ended, firstImage, makeImage, request, submit } from './generation.js';
import { TestPlatform } from './platform.js';
import { until } from './processes.js';
import { alertSelectors, Prometheus } from './prometheus.js';

let platform: TestPlatform;

beforeAll(async () => {
  platform = await TestPlatform.start();
});

beforeEach(() => platform.settled());

afterAll(() => platform.dispose());

/** A generation that takes a second or two, so that something can happen meanwhile. */
const long = { size: '256x256', steps: 30 };

async function expectUnavailable(response: Response): Promise<void> {
  expect(response.status).toBe(503);
  expect(Number(response.headers.get('retry-after'))).toBeGreaterThan(0);
  const { error } = (await response.json()) as { error: { message: string } };
  expect(error.message).not.toBe('');
}

describe('the alerts', () => {
  it('know their metrics by a real Prometheus, and see a moderator that is away', async () => {
    await makeImage(platform);
    const { services } = platform.record;
    const prometheus = await Prometheus.start(services.flatMap(({ httpUrl }) => httpUrl ?? []));
    // What only the autoscaler tells, and labels' values that nothing has yet.
    const absent = /^darkroom_scaling_|moderation="off"|status=~"5/;
    for (const selector of alertSelectors().filter((one) => !absent.test(one))) {
      await until(`Prometheus knows ${selector}`, async () => (await prometheus.count(selector)) > 0);
    }
    const rules = async () => await prometheus.rules();
    await until('every rule was evaluated', async () => (await rules()).every(({ health }) => health === 'ok'));
    // How full its disk is, is up to the machine.
    const own = (await rules()).filter(({ name }) => !name.startsWith('DarkroomBlobStore'));
    expect(own.filter(({ state }) => state !== 'inactive')).toEqual([]);
    await platform.kill('moderator');
    await expectUnavailable(await platform.post(request()));
    const state = async () => (await rules()).find(({ name }) => name === 'DarkroomModerationFailingClosed')?.state;
    await until('prompts without verdicts are noticed', async () => (await state()) === 'pending');
    await prometheus.stop();
  });
});

describe('a killed moderator', () => {
  it('means 503 with Retry-After for new prompts, and nothing is passed unjudged', async () => {
    await platform.kill('moderator');
    await expectUnavailable(await platform.post(request()));
    await platform.settled();
    expect((await makeImage(platform)).bytes.length).toBeGreaterThan(0);
  });

  it('lets a job that waits for its picture to be judged wait, and finish', async () => {
    const id = await submit(platform, long);
    await denoising(platform, id);
    await platform.kill('moderator');
    expect((await ended(platform, id)).status).toBe('succeeded');
    expect(await platform.usage(id)).toHaveLength(1);
  });
});

describe.each(['prompt-encoder', 'vae-decoder'])('a killed %s', (name) => {
  it('delays jobs, and loses none', async () => {
    await platform.kill(name);
    const seed = name.length;
    const id = await submit(platform, { prompt: `a blue star, while the ${name} is away`, seed });
    expect((await ended(platform, id)).status).toBe('succeeded');
    expect(await platform.usage(id)).toHaveLength(1);
  });
});

describe('a killed denoiser', () => {
  it('costs time, but neither the job nor its pixels, and is charged once', async () => {
    const undisturbed = await makeImage(platform, long);
    const id = await submit(platform, long);
    await denoising(platform, id);
    await platform.kill('denoiser-pocket');
    const generation = await ended(platform, id);
    expect(generation.status).toBe('succeeded');
    expect((await firstImage(platform, generation)).equals(undisturbed.bytes)).toBe(true);
    expect(await platform.usage(id)).toHaveLength(1);
  });
});

describe('a killed control plane', () => {
  it('lets running jobs finish, and enters them into the ledger when it is back', async () => {
    const id = await submit(platform, long);
    await denoising(platform, id);
    await platform.kill('control-plane');
    expect((await ended(platform, id)).status).toBe('succeeded');
    await platform.settled();
    await until('the ledger has the generation', async () => (await platform.usage(id)).length === 1);
  });
});

describe('a killed Redis', () => {
  it('means 503 with Retry-After at once', async () => {
    await platform.kill('redis');
    const startedAt = Date.now();
    await expectUnavailable(await platform.post(request()));
    expect(Date.now() - startedAt).toBeLessThan(5000);
  });

  it('keeps the jobs it had accepted', async () => {
    const running = await submit(platform, long);
    const queued = await submit(platform, { ...long, seed: 8 });
    await denoising(platform, running);
    await platform.kill('redis');
    for (const id of [running, queued]) {
      expect((await ended(platform, id)).status).toBe('succeeded');
      expect(await platform.usage(id)).toHaveLength(1);
    }
  });
});

describe('a Redis that has lost its disk', () => {
  it('loses no generation that was accepted, and forgets none that had ended', async () => {
    const earlier = await makeImage(platform, { seed: 20 });
    const done = await submit(platform, { seed: 21 });
    await ended(platform, done);
    const ids = [await submit(platform, long)];
    for (const seed of [22, 23, 24]) ids.push(await submit(platform, { seed }));
    await denoising(platform, ids[0] as string);
    await platform.loseRedis();
    for (const id of ids) expect((await ended(platform, id)).status).toBe('succeeded');
    for (const id of ids) expect(await platform.usage(id)).toHaveLength(1);
    const { status, data } = await ended(platform, done);
    expect([status, data?.length]).toEqual(['succeeded', 1]);
    const { data: listed } = await platform.client().generations({ limit: 10 });
    expect(listed.map(({ id }) => id)).toEqual(expect.arrayContaining([...ids, done]));
    expect((await makeImage(platform, { seed: 20 })).bytes.equals(earlier.bytes)).toBe(true);
  });

  it('loses no end that a webhook is to be told of, also one that waited to be told again', async () => {
    const told: unknown[] = [];
    let status = 503;
    const receiver = createServer(({ headers }, response) => {
      told.push([headers['webhook-id'], status]);
      response.writeHead(status).end();
    });
    await new Promise<void>((resolve) => receiver.listen(0, '127.0.0.1', resolve));
    const url = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/hook`;
    const entered = await platform.fetch('/v1/webhooks', { method: 'POST', body: JSON.stringify({ url }) });
    const { id: webhook } = (await entered.json()) as { id: string };
    const refused = await submit(platform, { seed: 25 });
    await ended(platform, refused);
    await until('the webhook has refused the message', () => told.length > 0);
    const running = await submit(platform, long);
    await denoising(platform, running);
    await platform.loseRedis();
    status = 204;
    for (const id of [refused, running]) {
      const taken = JSON.stringify([id.replace('gen_', 'msg_'), 204]);
      await until(`the end of ${id} is told`, () => told.some((one) => JSON.stringify(one) === taken));
    }
    await platform.fetch(`/v1/webhooks/${webhook}`, { method: 'DELETE', body: '{}' });
    receiver.close();
  });
});

describe('a killed gateway', () => {
  it('loses no job that it had accepted', async () => {
    const id = await submit(platform, long);
    await platform.kill('gateway');
    await platform.settled();
    expect((await ended(platform, id)).status).toBe('succeeded');
  });
});

describe('the launcher', () => {
  it('shows the last words of what died, that it starts it again, and that it is ready again', async () => {
    expect(platform.output).toMatch(/vae-decoder died \(SIGKILL\); starting it again in [\d.]+ s\. Its last words:/);
    await until('the launcher says so', () => platform.output.includes('vae-decoder is ready again.'));
  });
});
