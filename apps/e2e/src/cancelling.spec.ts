import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { GenerationBody } from '@darkroom/contracts/http';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { denoising, ended, makeImage, request, state, submit } from './generation.js';
import { TestPlatform, type UsageRow } from './platform.js';
import { until } from './processes.js';

let platform: TestPlatform;

beforeAll(async () => {
  platform = await TestPlatform.start();
});

afterAll(() => platform.dispose());

/** Takes several seconds: longer than any of these tests lets it. */
const long = { size: '512x512', steps: 100 };
/** What a whole one is charged: guidance makes two evaluations of each step. */
const whole = 100 * 2;

const cancel = async (id: string) =>
  await fetch(`${platform.url}/v1/generations/${id}`, {
    method: 'DELETE',
    headers: { authorization: `Bearer ${platform.apiKey}` },
  });

/** Expects that a generation was charged once, for a part of its steps. */
async function expectCharged(id: string, outcome: string): Promise<void> {
  const [row, ...more] = (await platform.usage(id)) as [UsageRow, ...UsageRow[]];
  expect(more).toEqual([]);
  expect(row.outcome).toBe(outcome);
  expect(row.evaluations).toBeGreaterThanOrEqual(1);
  expect(row.evaluations).toBeLessThan(whole);
}

describe('a generation that is cancelled in the middle', () => {
  it('ends within a moment, and is charged for the steps it made', async () => {
    const id = await submit(platform, long);
    await denoising(platform, id);
    const response = await cancel(id);
    expect([200, 202]).toContain(response.status);
    const generation = await ended(platform, id);
    expect(generation).toMatchObject({ status: 'cancelled', data: null, error: { code: 'cancelled' } });
    await expectCharged(id, 'cancelled');
    expect(await (await cancel(id)).json()).toMatchObject({ status: 'cancelled' });
  });

  it('leaves the ones beside it as they are', async () => {
    const beside = { size: '256x256', steps: 30, seed: 9 };
    const undisturbed = await makeImage(platform, beside);
    const id = await submit(platform, long);
    await denoising(platform, id);
    const image = makeImage(platform, beside);
    await cancel(id);
    expect((await image).bytes.equals(undisturbed.bytes)).toBe(true);
    expect((await ended(platform, id)).status).toBe('cancelled');
  });
});

/** Posts a request and returns its generation's id, which is in no answer yet, as soon as it is in the gateway's log. */
async function post(differing: object, signal: AbortSignal): Promise<{ id: string; answer: Promise<Response> }> {
  const known = enqueued().length;
  const answer = platform.fetch('/v1/images/generations', { method: 'POST', body: JSON.stringify(request(differing)), signal });
  answer.catch(() => undefined);
  await until('the generation is enqueued', () => enqueued().length > known);
  return { id: enqueued()[known] ?? '', answer };
}

/** Ids of all generations that were enqueued, in order. */
function enqueued(): string[] {
  const lines = readFileSync(path.join(platform.stateDir, 'logs/gateway.log'), 'utf8').split('\n');
  return lines
    .filter((line) => line.includes('"generation enqueued"'))
    .map((line) => (JSON.parse(line) as { generationId: string }).generationId);
}

describe('a client that hangs up', () => {
  it('cancels its generation', async () => {
    const controller = new AbortController();
    const { id, answer } = await post(long, controller.signal);
    await denoising(platform, id);
    controller.abort();
    await expect(answer).rejects.toThrow();
    expect((await ended(platform, id)).status).toBe('cancelled');
    await expectCharged(id, 'cancelled');
  });

  it('finds its generation finished when it asked for that', async () => {
    const controller = new AbortController();
    const { id, answer } = await post({ ...long, size: '256x256', keep_on_disconnect: true }, controller.signal);
    await denoising(platform, id);
    controller.abort();
    await expect(answer).rejects.toThrow();
    expect((await ended(platform, id)).status).toBe('succeeded');
  });
});

describe('npm run generate', () => {
  it('cancels its generation at Ctrl-C', async () => {
    const known = enqueued().length;
    const script = path.resolve(import.meta.dirname, '../../../tools/local/dist/generate.js');
    const args = ['a red apple', '--size', long.size, '--steps', String(long.steps)];
    const command = spawn(process.execPath, [script, ...args], {
      env: { ...process.env, DARKROOM_STATE_DIR: platform.stateDir, DARKROOM_PORT: String(platform.port) },
      stdio: 'ignore',
    });
    await until('the generation is enqueued', () => enqueued().length > known);
    const id = enqueued()[known] ?? '';
    await denoising(platform, id);
    command.kill('SIGINT');
    expect(await once(command, 'exit')).toEqual([130, null]);
    expect((await ended(platform, id)).status).toBe('cancelled');
  });
});

describe('a deadline', () => {
  const shorter = { size: '128x128', steps: 100 };

  /** Milliseconds that an idle platform takes for it, as it foresees itself; waits until it is idle. */
  async function foreseen(): Promise<number> {
    const id = await submit(platform, shorter);
    const finish = (await state(platform, id))?.progress?.expected_finish ?? '';
    const milliseconds = Date.parse(finish) - Date.now();
    await cancel(id);
    // The denoiser tells once a second what it has.
    await sleep(2_000);
    return milliseconds;
  }

  /** Posts it with a deadline that is let in. What is foreseen is about the time that others on this machine leave, and that differs. */
  async function admitted(milliseconds: number): Promise<{ id: string; deadline: number }> {
    const deadline = Date.now() + milliseconds;
    const body = request({ ...shorter, deadline: new Date(deadline).toISOString() });
    const response = await platform.post(body, { prefer: 'respond-async' });
    if (response.status !== 202) return await admitted(1.5 * milliseconds);
    return { id: ((await response.json()) as GenerationBody).id, deadline };
  }

  it('that passes ends a generation that took longer than foreseen, and it is charged for the steps it made', async () => {
    const { id, deadline } = await admitted(1.2 * (await foreseen()) + 500);
    await denoising(platform, id);
    // As on a machine that is suddenly busy with something else, though not for so long that the job is taken for lost.
    while (Date.now() < deadline) {
      platform.signal('denoiser-pocket', 'SIGSTOP');
      await sleep(2_500);
      platform.signal('denoiser-pocket', 'SIGCONT');
      await sleep(300);
    }
    expect(await ended(platform, id)).toMatchObject({ status: 'failed', error: { code: 'deadline_exceeded' } });
    await expectCharged(id, 'deadline_exceeded');
  });

  it('that nothing could meet is refused at once', async () => {
    const response = await platform.post(request({ ...long, deadline: new Date(Date.now() + 300).toISOString() }));
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ error: { code: 'invalid_argument', param: 'deadline' } });
  });

  it('that would be missed for what comes before is refused, with the time after which it would not be', async () => {
    // Long enough for it alone however busy the machine becomes, and much shorter than what comes before.
    const milliseconds = 3 * (await foreseen()) + 2_000;
    const before = await submit(platform, { ...long, n: 10 });
    await denoising(platform, before);
    await sleep(1_500);
    const response = await platform.post(request({ ...shorter, deadline: new Date(Date.now() + milliseconds).toISOString() }));
    expect(response.status).toBe(429);
    expect(Number(response.headers.get('retry-after'))).toBeGreaterThanOrEqual(1);
    expect(await response.json()).toMatchObject({ error: { code: 'rate_limited', param: 'deadline' } });
    await cancel(before);
  });
});
