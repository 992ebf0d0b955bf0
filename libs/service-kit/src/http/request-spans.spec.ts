import { request as httpRequest } from 'node:http';
import { startTraceCollector, type TraceCollector } from '@darkroom/testing';
import { Body, Controller, Get, Module, Param, Post, Res } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { defineConfig } from '../config/config.js';
import { serviceVariables } from '../config/variables.js';
import { type RunningService, startService } from '../start-service.js';
import { inSpan } from '../telemetry/spans.js';

class Config extends defineConfig({
  service: 'example',
  summary: 'A service that exists for this spec.',
  environment: {},
  variables: serviceVariables,
}) {}

const reached = Promise.withResolvers<void>();
const left = Promise.withResolvers<void>();

@Controller()
class ExampleController {
  @Get('things/:id')
  async thing(@Param('id') id: string): Promise<{ id: string }> {
    return await inSpan('work', {}, () => ({ id }));
  }

  @Post('echo')
  async echo(@Body() body: object): Promise<object> {
    return await inSpan('work', {}, () => body);
  }

  @Get('crash')
  crash(): never {
    throw new Error('secret detail');
  }

  @Get('slow')
  async slow(@Res({ passthrough: true }) reply: FastifyReply): Promise<void> {
    reply.raw.once('close', () => left.resolve());
    reached.resolve();
    await left.promise;
  }
}

@Module({ controllers: [ExampleController] })
class ExampleModule {}

let collector: TraceCollector;
let service: RunningService;
let url: string;

beforeEach(async () => {
  collector = await startTraceCollector();
  service = await startService({
    config: Config,
    module: ExampleModule,
    environment: { LOG_LEVEL: 'silent', OTEL_EXPORTER_OTLP_ENDPOINT: collector.url },
  });
  url = `http://127.0.0.1:${service.httpPort}`;
});
afterEach(async () => {
  await service.stop();
  await collector.close();
});

const spans = async () => {
  await service.stop();
  return collector.spans;
};

describe('the span of a request', () => {
  it('continues the trace of the client, and has the route but not the address', async () => {
    const traceId = '0af7651916cd43dd8448eb211c80319c';
    await fetch(`${url}/things/signed-address?signature=x`, {
      headers: { traceparent: `00-${traceId}-b7ad6b7169203331-01`, authorization: 'Bearer a-key' },
    });
    const [work, server] = await spans();
    expect(server).toMatchObject({
      service: 'example',
      name: 'GET /things/:id',
      kind: 'server',
      traceId,
      parentSpanId: 'b7ad6b7169203331',
      attributes: { 'http.request.method': 'GET', 'http.route': '/things/:id', 'http.response.status_code': 200 },
      failed: false,
    });
    expect(work).toMatchObject({ name: 'work', traceId, parentSpanId: server?.spanId });
    for (const secret of ['signed-address', 'signature', 'a-key']) expect(collector.bodies.join()).not.toContain(secret);
  });

  it('is active in the handler also when the body came late', async () => {
    // Two requests on one connection: what follows a body is called by the connection, whichever request opened it.
    const echo = (first: boolean) =>
      new Promise<void>((resolve, reject) => {
        const request = httpRequest(`${url}/echo`, { method: 'POST', headers: { 'content-type': 'application/json' } });
        request.on('response', (response) => response.resume().on('end', resolve)).on('error', reject);
        request.write('{"first":');
        setTimeout(() => request.end(`${first}}`), 20);
      });
    await echo(true);
    await echo(false);
    const all = await spans();
    const servers = all.filter(({ kind }) => kind === 'server');
    const works = all.filter(({ name }) => name === 'work');
    expect(works.map(({ parentSpanId }) => parentSpanId)).toEqual(servers.map(({ spanId }) => spanId));
    expect(new Set(servers.map(({ traceId }) => traceId)).size).toBe(2);
  });

  it('fails where the service did, or the client went away, and not where the client was wrong', async () => {
    await fetch(`${url}/crash`);
    await fetch(`${url}/nowhere`);
    const slow = httpRequest(`${url}/slow`).on('error', () => {});
    slow.end();
    await reached.promise;
    slow.destroy();
    await left.promise;
    expect(await spans()).toMatchObject([
      { name: 'GET /crash', failed: true, attributes: { 'http.response.status_code': 500, 'error.type': '500' } },
      { name: 'GET', failed: false, attributes: { 'http.response.status_code': 404 } },
      { name: 'GET /slow', failed: true, attributes: { 'error.type': 'cancelled' } },
    ]);
    expect(collector.bodies.join()).not.toContain('secret detail');
  });

  it('is not opened for what operators ask', async () => {
    for (const path of ['healthz', 'readyz', 'metrics']) await fetch(`${url}/${path}`);
    expect(await spans()).toEqual([]);
  });
});
