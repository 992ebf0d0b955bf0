import { startTraceCollector, type TraceCollector } from '@darkroom/testing';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { request } from './generation.js';
import { TestPlatform } from './platform.js';
import { until } from './processes.js';

let collector: TraceCollector;
let platform: TestPlatform;
beforeAll(async () => {
  collector = await startTraceCollector();
  platform = await TestPlatform.start({ environment: { OTEL_EXPORTER_OTLP_ENDPOINT: collector.url } });
});
afterAll(async () => {
  await platform.dispose();
  await collector.close();
});

it('one request is one trace through every service, and no span holds its prompt or its key', async () => {
  const response = await platform.post(request({ prompt: 'an unspeakably green apple' }));
  expect(response.status).toBe(200);
  const first = () => collector.spans.find(({ name }) => name === 'POST /v1/images/generations');
  const services = () =>
    new Set(collector.spans.filter(({ traceId }) => traceId === first()?.traceId).map(({ service }) => String(service)));
  const all = ['gateway', 'control-plane', 'moderator', 'denoiser', 'prompt-encoder', 'vae-decoder'];
  await until('every service has sent its part', () => all.every((name) => services().has(name)), 30_000);
  const sent = collector.bodies.join('\n');
  expect(sent).not.toContain('unspeakably');
  expect(sent).not.toContain(platform.apiKey);
});
