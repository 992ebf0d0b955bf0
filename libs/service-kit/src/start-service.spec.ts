import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { connect } from 'node:net';
import { promisify } from 'node:util';
import { DarkroomError } from '@darkroom/contracts';
import { Body, Controller, Get, Injectable, Module, type OnApplicationShutdown, Post } from '@nestjs/common';
import { afterEach, describe, expect, it } from 'vitest';
import { defineConfig } from './config/config.js';
import { serviceVariables } from './config/variables.js';
import { Lifecycle } from './lifecycle/lifecycle.js';
import { Readiness } from './lifecycle/readiness.js';
import { type RunningService, startService } from './start-service.js';
import { Metrics } from './telemetry/metrics.js';

class Config extends defineConfig({
  service: 'example',
  summary: 'A service that exists for this spec.',
  environment: {},
  variables: serviceVariables,
}) {}

@Injectable()
class Worker implements OnApplicationShutdown {
  readonly events: string[] = [];
  readonly gate = Promise.withResolvers<void>();
  readonly model = Promise.withResolvers<void>();
  readonly jobs;

  constructor(
    readonly config: Config,
    readiness: Readiness,
    metrics: Metrics,
    lifecycle: Lifecycle,
  ) {
    readiness.load('model', () => this.model.promise).catch(() => undefined);
    this.jobs = metrics.counter({ name: 'darkroom_jobs_total', help: 'Jobs.' });
    lifecycle.draining.addEventListener('abort', () => this.events.push('draining'));
  }

  onApplicationShutdown(): void {
    this.events.push('closed');
  }
}

@Controller()
class ExampleController {
  constructor(private readonly worker: Worker) {}

  @Get('slow')
  async slow(): Promise<{ done: boolean }> {
    this.worker.events.push('begun');
    await this.worker.gate.promise;
    this.worker.events.push('answered');
    return { done: true };
  }

  @Get('refuse')
  refuse(): never {
    throw new DarkroomError({ code: 'unavailable', message: 'the queue is not reachable', retryAfterSeconds: 2 });
  }

  @Get('crash')
  crash(): never {
    throw new Error('secret detail');
  }

  @Post('echo')
  echo(@Body() body: unknown): unknown {
    return body;
  }
}

@Module({ providers: [Worker], controllers: [ExampleController] })
class ExampleModule {}

let running: RunningService | undefined;
afterEach(async () => {
  await running?.stop();
  running = undefined;
});

async function start(): Promise<{ service: RunningService; worker: Worker; url: string }> {
  const service = await startService({ config: Config, module: ExampleModule, environment: { LOG_LEVEL: 'silent' } });
  running = service;
  return { service, worker: service.app.get(Worker), url: `http://127.0.0.1:${service.httpPort}` };
}

const json = async (response: Response) => ({ status: response.status, body: (await response.json()) as unknown });

describe('startService', () => {
  it('listens before the service is ready, and says what is missing', async () => {
    const { url, worker } = await start();
    expect(await json(await fetch(`${url}/healthz`))).toEqual({ status: 200, body: { service: 'example', status: 'ok' } });
    expect(await json(await fetch(`${url}/readyz`))).toEqual({
      status: 503,
      body: { service: 'example', ready: false, missing: { model: 'is being loaded' } },
    });
    worker.model.resolve();
    await worker.model.promise;
    await expect.poll(async () => (await fetch(`${url}/readyz`)).status).toBe(200);
  });

  it('injects the configuration by its class', async () => {
    const { worker } = await start();
    expect(worker.config).toBeInstanceOf(Config);
    expect(worker.config.httpHost).toBe('127.0.0.1');
  });

  it('publishes its own metrics and those of its requests', async () => {
    const { url, worker } = await start();
    worker.jobs.inc();
    await fetch(`${url}/refuse`);
    const text = await (await fetch(`${url}/metrics`)).text();
    expect(text).toContain('darkroom_jobs_total{service="example"} 1');
    expect(text).toContain('darkroom_service_ready{service="example"} 0');
    expect(text).toMatch(/darkroom_http_request_seconds_count\{[^}]*route="\/refuse"[^}]*\} 1/);
  });

  it("answers errors in OpenAI's shape, with Retry-After where a retry makes sense", async () => {
    const { url } = await start();
    const refused = await fetch(`${url}/refuse`);
    expect(refused.headers.get('retry-after')).toBe('2');
    expect(await json(refused)).toMatchObject({
      status: 503,
      body: { error: { message: 'the queue is not reachable', param: null } },
    });
    const crashed = await fetch(`${url}/crash`);
    expect(crashed.status).toBe(500);
    expect(await crashed.text()).not.toContain('secret detail');
    expect(await json(await fetch(`${url}/nowhere`))).toMatchObject({ status: 404, body: { error: { code: 'not_found' } } });
  });

  it.each([
    ['broken JSON', '{"prompt": ', 'application/json', 400, 'invalid_argument'],
    ['XML', '<prompt/>', 'application/xml', 400, 'invalid_argument'],
    ['a form', 'prompt=x', 'application/x-www-form-urlencoded', 400, 'invalid_argument'],
    ['plain text', 'x', 'text/plain', 400, 'invalid_argument'],
    ['a body of 10 MB', JSON.stringify({ prompt: 'x'.repeat(10_000_000) }), 'application/json', 413, 'payload_too_large'],
  ])('refuses %s', async (_name, body, type, status, code) => {
    const { url } = await start();
    const response = await fetch(`${url}/echo`, { method: 'POST', body, headers: { 'content-type': type } });
    expect(await json(response)).toMatchObject({ status, body: { error: { code, message: expect.any(String) } } });
  });

  it('takes a body that is announced as JSON and not sent', async () => {
    const { url } = await start();
    const response = await fetch(`${url}/echo`, { method: 'POST', headers: { 'content-type': 'application/json' } });
    expect([response.status, await response.text()]).toEqual([201, '']);
  });

  it.each([
    ['/%zz', 400, 'invalid_argument'],
    ['/%', 400, 'invalid_argument'],
    ['/nowhere/at/all', 404, 'not_found'],
  ])('answers an address that is none in the shape of all errors: %s', async (path, status, code) => {
    const { url } = await start();
    expect(await json(await fetch(url + path))).toMatchObject({ status, body: { error: { code, message: expect.any(String) } } });
  });

  it('answers what is no HTTP in the shape of all errors', async () => {
    const { service } = await start();
    const socket = connect(service.httpPort, '127.0.0.1').end('NONSENSE\r\n\r\n').setEncoding('utf8');
    const [head, body = ''] = (await socket.toArray()).join('').split('\r\n\r\n');
    expect(head).toMatch(/^HTTP\/1.1 400 /);
    expect(JSON.parse(body)).toMatchObject({ error: { code: 'invalid_argument' } });
  });

  it('lets a client that still writes too large a body read the answer', async () => {
    const { url } = await start();
    // From another process, as clients are: there about half of the answers were lost before the body was read to its end.
    const client = `
      const body = JSON.stringify({ prompt: 'a'.repeat(10_000_000) });
      for (let index = 0; index < 12; index += 1) {
        const answer = await fetch(process.argv[1], { method: 'POST', headers: { 'content-type': 'application/json' }, body });
        console.log(answer.status, (await answer.json()).error.code);
      }`;
    const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', client, '--', `${url}/echo`]);
    expect(stdout).toBe('413 payload_too_large\n'.repeat(12));
  });

  it('stops while somebody is connected who has asked nothing', async () => {
    const { service } = await start();
    const silent = connect(service.httpPort, '127.0.0.1');
    await once(silent, 'connect');
    const over = once(silent.resume(), 'close');
    await service.stop();
    await over;
  });

  it('drains: not ready, answers what is in flight, then closes', async () => {
    const { url, worker, service } = await start();
    worker.model.resolve();
    const slow = fetch(`${url}/slow`);
    await expect.poll(() => worker.events).toContain('begun');
    const stopped = service.stop();
    await expect.poll(() => worker.events).toContain('draining');
    worker.gate.resolve();
    expect(await json(await slow)).toEqual({ status: 200, body: { done: true } });
    await stopped;
    expect(worker.events).toEqual(['begun', 'draining', 'answered', 'closed']);
    await expect(fetch(`${url}/healthz`)).rejects.toThrow();
  });
});
