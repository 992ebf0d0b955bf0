import { execFileSync } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { ControlPlaneServiceService, newGenerationId, RoutingServiceService } from '@darkroom/contracts';
import { serve } from '@darkroom/service-kit';
import { connectRedis } from '@darkroom/service-kit/queue';
import * as testing from '@darkroom/testing';
import { describe, expect, it } from 'vitest';
import {
  cancel,
  errorOf,
  gateway,
  generationOf,
  get,
  log,
  modelsDir,
  post,
  redis,
  seen,
  startGateway,
  submitJob,
  url,
  useGateway,
  work,
} from './gateway.fixture.js';
import { controlPlaneHandlers, routingHandlers, startNeighbour } from './neighbours.fixture.js';

useGateway(testing);

describe('what goes away and comes back', () => {
  it('a result whose event was lost is found by looking', async () => {
    const gate = Promise.withResolvers<void>();
    const jobs = work(() => gate.promise);
    const answer = post({ prompt: 'event lost' });
    await expect.poll(() => jobs.length).toBe(1);
    // A gateway that hears no events any more still looks once a second.
    const { ModelQueues } = await import('./queue/model-queues.js');
    const queues = gateway.app.get(ModelQueues);
    (queues as unknown as { listeners: Set<unknown> }).listeners.clear();
    gate.resolve();
    expect((await answer).status).toBe(200);
  });

  it('Redis: 503 at once while it is away, and a request that waits outlives its restart', { timeout: 60_000 }, async () => {
    const gate = Promise.withResolvers<void>();
    const jobs = work(() => gate.promise);
    const waiting = post({ prompt: 'outlives' });
    await expect.poll(() => jobs.length).toBe(1);
    await redis.kill();
    await expect.poll(async () => (await fetch(`${url}/readyz`)).status).toBe(503);
    const moderated = seen.moderated.length;
    const started = performance.now();
    const refused = await post({ prompt: 'refused' });
    expect(performance.now() - started).toBeLessThan(500);
    expect(refused.status).toBe(503);
    expect(refused.headers.get('retry-after')).toBe('2');
    expect(seen.moderated.length).toBe(moderated);
    expect((await get(`/v1/generations/${jobs[0]?.id}`)).status).toBe(503);
    expect((await cancel(String(jobs[0]?.id))).status).toBe(503);
    await redis.start();
    gate.resolve();
    expect((await waiting).status).toBe(200);
    await expect.poll(async () => (await post({ prompt: 'again' })).status).toBe(200);
    expect(jobs.map(({ prompt }) => prompt)).not.toContain('refused');
  });

  it('a job that Redis took without saying so in time is taken back, or found again by its key', {
    timeout: 60_000,
  }, async () => {
    const client = connectRedis(redis.url, log);
    await expect.poll(() => client.status).toBe('ready');
    // Redis answers no writes for longer than the gateway waits, then does them all.
    await client.call('CLIENT', 'PAUSE', '6500', 'WRITE');
    const [lost, kept] = await Promise.all([
      post({ prompt: 'unconfirmed' }),
      post({ prompt: 'keyed' }, { 'idempotency-key': 'unconfirmed' }),
    ]);
    expect([lost.status, kept.status]).toEqual([503, 503]);
    await client.set('after', 'the pause').catch(() => client.set('after', 'the pause'));
    await sleep(1_000);
    const jobs = work();
    expect((await post({ prompt: 'keyed' }, { 'idempotency-key': 'unconfirmed' })).status).toBe(200);
    expect((await post({ prompt: 'last' })).status).toBe(200);
    expect(jobs.map(({ prompt }) => prompt)).toEqual(['keyed', 'last']);
    client.disconnect();
  });

  it('the gateway itself: one that is only just starting does not say that there is no such generation', {
    timeout: 60_000,
  }, async () => {
    work();
    const { id } = await generationOf(await submitJob({ prompt: 'early' }));
    await gateway.stop();
    // A model's folder that takes long to read: until somebody writes to the pipe.
    const index = path.join(modelsDir, 'slow', 'model_index.json');
    mkdirSync(path.dirname(index));
    execFileSync('mkfifo', [index]);
    const starting = startGateway();
    const missing = async () => Object.keys(((await (await fetch(`${url}/readyz`)).json()) as { missing: object }).missing);
    await expect.poll(() => missing().catch(() => []), { timeout: 30_000 }).toContain('models');
    // It may say that it can't tell yet.
    const patiently = async (route: string) => {
      for (;;) {
        const answer = await get(route);
        if (answer.status !== 503) return answer;
        await sleep(20);
      }
    };
    const asked = ['?limit=1', `/${id}`, `/${id}/events`].map((route) => patiently(`/v1/generations${route}`));
    await Promise.race([sleep(300), ...asked]);
    writeFileSync(index, JSON.stringify({ _class_name: 'PocketPipeline' }));
    const [list, generation, events] = (await Promise.all(asked)) as [Response, Response, Response];
    expect((await generationOf(generation)).id).toBe(id);
    expect(((await list.json()) as { data: { id: string }[] }).data.map((each) => each.id)).toEqual([id]);
    expect(await events.text()).toContain('event: succeeded');
    await starting;
    rmSync(path.dirname(index), { recursive: true });
  });

  it('the gateway itself: a stop ends waits with 503 and the id, and the result is there after the restart', async () => {
    const gate = Promise.withResolvers<void>();
    const jobs = work(() => gate.promise);
    const waiting = post({ prompt: 'stopped' });
    await expect.poll(() => jobs.length).toBe(1);
    await gateway.stop();
    const response = await waiting;
    expect(response.status).toBe(503);
    expect(response.headers.get('retry-after')).toBe('5');
    expect((await errorOf(response)).message).toContain(`GET /v1/generations/${jobs[0]?.id}`);
    await startGateway({ SYNC_TIMEOUT_SECONDS: '1' });
    gate.resolve();
    await expect.poll(async () => (await generationOf(await get(`/v1/generations/${jobs[0]?.id}`))).status).toBe('succeeded');
  });

  it('a wait that takes too long ends with 503 and the id', async () => {
    const gate = Promise.withResolvers<void>();
    const jobs = work(() => gate.promise);
    const response = await post({ prompt: 'slow' });
    expect(response.status).toBe(503);
    expect(response.headers.has('retry-after')).toBe(true);
    expect((await errorOf(response)).message).toContain(`GET /v1/generations/${jobs[0]?.id}`);
    gate.resolve();
    await expect.poll(async () => (await generationOf(await get(`/v1/generations/${jobs[0]?.id}`))).status).toBe('succeeded');
  });

  it('the journal, at a control plane of before it: all goes on as it did then', { timeout: 30_000 }, async () => {
    const older = await startNeighbour(
      serve(ControlPlaneServiceService, controlPlaneHandlers),
      serve(RoutingServiceService, routingHandlers),
    );
    await gateway.stop();
    await startGateway({ CONTROL_PLANE_ADDRESS: `127.0.0.1:${older.port}` });
    const jobs = work();
    expect((await post({ prompt: 'unjournalled' }, { 'idempotency-key': 'unjournalled' })).status).toBe(200);
    expect((await generationOf(await get(`/v1/generations/${jobs[0]?.id}`))).status).toBe('succeeded');
    expect((await get(`/v1/generations/${newGenerationId()}`)).status).toBe(404);
    expect((await get('/v1/generations')).status).toBe(200);
    const metrics = await (await fetch(`${url}/metrics`)).text();
    expect(metrics).toMatch(/^darkroom_journal_unserved_total\{.*method="accept".*\} 1$/m);
    older.stop();
    expect((await post({ prompt: 'nowhere to enter it' })).status).toBe(503);
  });
});
