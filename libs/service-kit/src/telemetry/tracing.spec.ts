import { Writable } from 'node:stream';
import { DarkroomError } from '@darkroom/contracts';
import { freePort, startTraceCollector, type TraceCollector } from '@darkroom/testing';
import { trace } from '@opentelemetry/api';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Log } from './log.js';
import { Metrics } from './metrics.js';
import { inActiveSpan, incomingContext, inSpan, SpanKind, traceparent } from './spans.js';
import { startTracing, type Tracing, type TracingConfig } from './tracing.js';

// Counts how often the module that brings OpenTelemetry's SDK is loaded, and loads it.
const loaded = vi.hoisted(() => ({ times: 0 }));
vi.mock('./trace-export.js', async (original) => {
  loaded.times += 1;
  return await original();
});

let tracing: Tracing | undefined;
let metrics: Metrics;
let logged: string;

async function start(config: Partial<TracingConfig>): Promise<Tracing> {
  const sink = new Writable({
    write(chunk, _encoding, done) {
      logged += String(chunk);
      done();
    },
  });
  tracing = await startTracing('spec', { traceRatio: 1, ...config }, Log.create('spec', 'info', sink), metrics);
  return tracing;
}

beforeEach(() => {
  metrics = new Metrics('spec');
  logged = '';
});

afterEach(() => tracing?.stop());

describe('without a collector', () => {
  it('does the work, records nothing, and does not load the SDK', async () => {
    const { isOn } = await start({});
    expect(isOn).toBe(false);
    const result = await inSpan('work', {}, (span) => {
      expect([span.isRecording(), trace.getActiveSpan(), traceparent()]).toEqual([false, undefined, '']);
      return 7;
    });
    expect(result).toBe(7);
    await expect(inSpan('work', {}, () => Promise.reject(new Error('no')))).rejects.toThrow('no');
    expect(loaded.times).toBe(0);
  });
});

describe('with a collector', () => {
  let collector: TraceCollector;
  beforeEach(async () => {
    collector = await startTraceCollector();
  });
  afterEach(() => collector.close());

  it('sends spans with what they are part of, and their facts', async () => {
    const { stop } = await start({ otlpEndpoint: `${collector.url}/`, otlpHeaders: { authorization: 'Bearer x' } });
    await inSpan('outer', { kind: SpanKind.CONSUMER, attributes: { steps: 4 } }, async () => {
      await inSpan('inner', {}, (span) => void span.addEvent('step', { step: 1 }));
    });
    await stop();
    const [inner, outer] = collector.spans;
    expect(outer).toMatchObject({ service: 'spec', name: 'outer', kind: 'consumer', parentSpanId: '', attributes: { steps: 4 } });
    expect(inner).toMatchObject({
      name: 'inner',
      kind: 'internal',
      traceId: outer?.traceId,
      parentSpanId: outer?.spanId,
      events: [{ name: 'step', attributes: { step: 1 } }],
      failed: false,
    });
    expect(collector.headers.authorization).toBe('Bearer x');
    expect(await metrics.registry.metrics()).toContain('darkroom_spans_total{result="sent",service="spec"} 2');
  });

  it('continues a trace that came with a call, and begins one where what came is none', async () => {
    const { stop } = await start({ otlpTracesEndpoint: `${collector.url}/v1/traces` });
    const [traceId, spanId] = ['0af7651916cd43dd8448eb211c80319c', 'b7ad6b7169203331'];
    const parent = incomingContext({ traceparent: `00-${traceId}-${spanId}-01` });
    await inSpan('continued', { parent }, () => {
      expect(traceparent()).toMatch(new RegExp(`^00-${traceId}-[0-9a-f]{16}-01$`));
    });
    await inSpan('begun', { parent: incomingContext({ traceparent: '' }) }, () => {});
    await stop();
    expect(collector.spans).toMatchObject([
      { name: 'continued', traceId, parentSpanId: spanId },
      { name: 'begun', parentSpanId: '', traceId: expect.not.stringContaining(traceId) },
    ]);
  });

  it('gives a span the code of an error, not its message', async () => {
    const { stop } = await start({ otlpEndpoint: collector.url });
    const unavailable = new DarkroomError({ code: 'unavailable', message: 'a secret' });
    for (const error of [unavailable, new Error('a secret')]) {
      await inSpan('work', {}, () => Promise.reject(error)).catch(() => undefined);
    }
    await stop();
    expect(collector.spans).toMatchObject([
      { failed: true, attributes: { 'error.type': 'unavailable' } },
      { failed: true, attributes: { 'error.type': 'internal' } },
    ]);
    expect(collector.bodies.join()).not.toContain('secret');
  });

  it('keeps a listener in the span it was made in', async () => {
    const { stop } = await start({ otlpEndpoint: collector.url });
    const listener = await inSpan('outer', {}, () => inActiveSpan(() => inSpan('later', {}, () => {})));
    await listener();
    await stop();
    const [outer, later] = collector.spans;
    expect(later).toMatchObject({ name: 'later', parentSpanId: outer?.spanId });
  });

  it('sends the share of traces that was asked for, by their ids alone', async () => {
    const { stop } = await start({ otlpEndpoint: collector.url, traceRatio: 0.5 });
    const sampled = async (traceId: string, flags: string) =>
      await inSpan('work', { parent: incomingContext({ traceparent: `00-${traceId}-b7ad6b7169203331-${flags}` }) }, (span) =>
        span.isRecording(),
      );
    // The sampler compares the exclusive or of the id's four words with the ratio; whoever calls can't overrule it.
    const [low, high] = [`${'0'.repeat(24)}00000001`, `${'0'.repeat(24)}ffffffff`];
    expect(await Promise.all([sampled(low, '01'), sampled(low, '00'), sampled(high, '01'), sampled(high, '00')])).toEqual([
      true,
      true,
      false,
      false,
    ]);
    await stop();
  });

  it('says once that spans are lost, and that they arrive again', async () => {
    collector.mood = 'refuses';
    const { stop } = await start({ otlpEndpoint: collector.url });
    // As many as go out in two batches at once.
    for (let count = 0; count < 1_024; count += 1) await inSpan('lost', {}, () => {});
    const counted = () => metrics.registry.metrics();
    await expect.poll(counted).toContain('darkroom_spans_total{result="lost",service="spec"} 1024');
    expect(collector.spans).toEqual([]);
    collector.mood = 'accepts';
    await inSpan('sent', {}, () => {});
    await stop();
    expect(collector.spans).toMatchObject([{ name: 'sent' }]);
    expect(logged.match(/traces [a-z ]+/g)).toEqual(['traces do not reach the collector', 'traces reach the collector again']);
  });

  it('ends without waiting for a collector that never answers', async () => {
    collector.mood = 'never answers';
    const { stop } = await start({ otlpEndpoint: collector.url });
    await inSpan('work', {}, () => {});
    await stop();
    expect(collector.unanswered).toBe(1);
  });

  it('does the work, and ends, where nobody listens', async () => {
    const { stop } = await start({ otlpEndpoint: `http://127.0.0.1:${await freePort()}` });
    expect(await inSpan('work', {}, () => 7)).toBe(7);
    await stop();
  });
});
