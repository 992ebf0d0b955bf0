import { DarkroomError, type EncodeRequest, type EncodeResponse, PromptEncoderServiceService } from '@darkroom/contracts';
import { freePort, startTraceCollector } from '@darkroom/testing';
import { afterEach, describe, expect, it } from 'vitest';
import { Log } from '../telemetry/log.js';
import { Metrics } from '../telemetry/metrics.js';
import { inSpan } from '../telemetry/spans.js';
import { startTracing } from '../telemetry/tracing.js';
import { GrpcConnection, isNotImplemented } from './client.js';
import { GrpcServer, serve } from './server.js';
import type { CallContext, Handlers } from './types.js';

type Encoder = Handlers<typeof PromptEncoderServiceService>;

const cleanup: (() => void)[] = [];
afterEach(() => {
  for (const work of cleanup.splice(0)) work();
});

const unexpected: Encoder = {
  encode: () => Promise.reject(new Error('this spec did not expect a call of encode')),
  encodeBatch: () => Promise.reject(new Error('this spec did not expect a call of encodeBatch')),
  countTokens: () => ({ tokenCount: 1, maxTokens: 2 }),
};

async function startEncoder(
  handlers: Encoder | Partial<Encoder>,
  options: { port?: number; isReady?: () => Promise<boolean> } = {},
) {
  const metrics = new Metrics('spec');
  const server = new GrpcServer({
    services: [
      serve(
        PromptEncoderServiceService,
        'countTokens' in handlers && 'encode' in handlers ? (handlers as Encoder) : { ...unexpected, ...handlers },
      ),
    ],
    log: Log.create('spec', 'silent'),
    metrics,
    isReady: options.isReady ?? (async () => true),
  });
  const port = await server.listen('127.0.0.1', options.port ?? 0);
  cleanup.push(() => server.destroy());
  return { server, metrics, port };
}

function connect(port: number, timeoutMs = 5_000) {
  const connection = new GrpcConnection({ address: `127.0.0.1:${port}`, name: 'prompt-encoder', timeoutMs });
  cleanup.push(() => connection.close());
  return { connection, encoder: connection.client(PromptEncoderServiceService) };
}

const request: EncodeRequest = { model: 'pocket', prompt: 'a red apple' };

describe('gRPC server and client', () => {
  it('carry messages far over the default limit of 4 MiB, byte for byte', async () => {
    const data = new Uint8Array(9 * 1024 * 1024).fill(7);
    const { port, metrics } = await startEncoder({
      encode: ({ prompt }): EncodeResponse => ({
        conditioning: [{ name: prompt, tensor: { dataType: 1, shape: [data.length / 4], data: Buffer.from(data) } }],
        tokenCount: 3,
        cached: false,
        kernelMs: 1.5,
      }),
    });
    const response = await connect(port).encoder.encode(request);
    expect(response.tokenCount).toBe(3);
    expect(response.conditioning[0]?.name).toBe('a red apple');
    expect(Buffer.compare(response.conditioning[0]?.tensor?.data ?? Buffer.of(), Buffer.from(data))).toBe(0);
    expect(await metrics.registry.metrics()).toMatch(
      /darkroom_grpc_server_seconds_count\{.*method="\/darkroom\.encoding.*code="ok".*\} 1/,
    );
  });

  it('call handlers that are methods of a class, with their own `this`', async () => {
    class Encoding implements Encoder {
      private readonly tokens = 42;
      encode(): EncodeResponse {
        return { conditioning: [], tokenCount: this.tokens, cached: true, kernelMs: 0 };
      }
      encodeBatch() {
        return { responses: [] };
      }
      countTokens() {
        return { tokenCount: this.tokens, maxTokens: 32_768 };
      }
    }
    const { port } = await startEncoder(new Encoding());
    expect((await connect(port).encoder.countTokens(request)).tokenCount).toBe(42);
  });

  it('carry an error with its code, parameter and category', async () => {
    const { port } = await startEncoder({
      encode: () => {
        throw new DarkroomError({
          code: 'invalid_argument',
          message: 'the prompt has 32769 tokens; at most 32768',
          param: 'prompt',
        });
      },
    });
    await expect(connect(port).encoder.encode(request)).rejects.toMatchObject({
      code: 'invalid_argument',
      message: 'the prompt has 32769 tokens; at most 32768',
      param: 'prompt',
    });
  });

  it('turn an unexpected error into "internal" without its text', async () => {
    const { port } = await startEncoder({ encode: () => Promise.reject(new Error('secret detail')) });
    const failure = await connect(port)
      .encoder.encode(request)
      .catch((error: unknown) => error);
    expect(failure).toMatchObject({ code: 'internal' });
    expect((failure as Error).message).not.toContain('secret detail');
  });

  it('tell both ends when the caller cancels', async () => {
    const aborted = Promise.withResolvers<void>();
    const started = Promise.withResolvers<void>();
    const { port } = await startEncoder({
      encode: (_request, { signal }: CallContext) =>
        new Promise((_resolve, reject) => {
          started.resolve();
          signal.addEventListener('abort', () => {
            aborted.resolve();
            reject(signal.reason as Error);
          });
        }),
    });
    const controller = new AbortController();
    const call = connect(port).encoder.encode(request, { signal: controller.signal });
    await started.promise;
    controller.abort();
    await expect(call).rejects.toMatchObject({ code: 'cancelled' });
    await aborted.promise;
    await expect(connect(port).encoder.encode(request, { signal: controller.signal })).rejects.toMatchObject({
      code: 'cancelled',
    });
  });

  it('end a call whose time is over', async () => {
    const { port } = await startEncoder({ encode: () => new Promise(() => {}) });
    await expect(connect(port).encoder.encode(request, { timeoutMs: 50 })).rejects.toMatchObject({ code: 'deadline_exceeded' });
  });

  it('tell what the other side does not know from what it can not do now', async () => {
    const earlier = new GrpcServer({
      services: [],
      log: Log.create('spec', 'silent'),
      metrics: new Metrics('spec'),
      isReady: async () => true,
    });
    const port = await earlier.listen('127.0.0.1', 0);
    cleanup.push(() => earlier.destroy());
    const unknown = await connect(port)
      .encoder.countTokens(request)
      .catch((error: unknown) => error);
    expect(unknown).toMatchObject({
      code: 'unavailable',
      message: 'prompt-encoder is of an earlier version, which does not know this call',
    });
    const away = await connect(await freePort())
      .encoder.countTokens(request)
      .catch((error: unknown) => error);
    const failing = await startEncoder({
      countTokens: () => Promise.reject(new DarkroomError({ code: 'unavailable', message: 'x' })),
    });
    const failed = await connect(failing.port)
      .encoder.countTokens(request)
      .catch((error: unknown) => error);
    expect([unknown, away, failed].map(isNotImplemented)).toEqual([true, false, false]);
  });

  it('say at once that nobody listens, and recover by themselves when somebody does', async () => {
    const port = await freePort();
    const { encoder, connection } = connect(port);
    const started = performance.now();
    await expect(encoder.countTokens(request)).rejects.toMatchObject({
      code: 'unavailable',
      message: 'prompt-encoder is not reachable',
    });
    expect(performance.now() - started).toBeLessThan(1_000);
    expect(await connection.missing()).toBe('prompt-encoder is not reachable');
    await startEncoder({}, { port });
    await expect.poll(() => connection.missing()).toBeUndefined();
    expect((await encoder.countTokens(request)).maxTokens).toBe(2);
  });

  it('report a service that listens but can not do its work', async () => {
    let ready = false;
    const { port } = await startEncoder({}, { isReady: async () => ready });
    const { connection } = connect(port);
    expect(await connection.missing()).toBe('prompt-encoder is not ready');
    ready = true;
    expect(await connection.missing()).toBeUndefined();
  });

  it('finish the calls in flight before the server is closed', async () => {
    const gate = Promise.withResolvers<void>();
    const started = Promise.withResolvers<void>();
    const { port, server } = await startEncoder({
      countTokens: async () => {
        started.resolve();
        await gate.promise;
        return { tokenCount: 5, maxTokens: 6 };
      },
    });
    const call = connect(port).encoder.countTokens(request);
    await started.promise;
    const closed = server.close();
    gate.resolve();
    expect((await call).tokenCount).toBe(5);
    await closed;
  });

  it('carry the trace across, with a span at each end, but for health checks', async () => {
    const collector = await startTraceCollector();
    cleanup.push(() => void collector.close());
    const log = Log.create('spec', 'silent');
    const tracing = await startTracing('spec', { otlpEndpoint: collector.url, traceRatio: 1 }, log, new Metrics('spec'));
    const { port } = await startEncoder({
      encode: () => inSpan('work', {}, () => Promise.reject(new DarkroomError({ code: 'unavailable', message: 'no' }))),
    });
    const { connection, encoder } = connect(port);
    expect(await connection.missing()).toBeUndefined();
    await inSpan('caller', {}, () => encoder.encode(request).catch(() => undefined));
    await tracing.stop();

    const named = (name: string, kind = 'internal') => collector.spans.find((span) => span.name === name && span.kind === kind);
    const method = 'darkroom.encoding.v1.PromptEncoderService/Encode';
    const [caller, client, server, work] = [named('caller'), named(method, 'client'), named(method, 'server'), named('work')];
    expect(collector.spans).toHaveLength(4);
    expect(new Set(collector.spans.map(({ traceId }) => traceId)).size).toBe(1);
    expect([client?.parentSpanId, server?.parentSpanId, work?.parentSpanId]).toEqual([
      caller?.spanId,
      client?.spanId,
      server?.spanId,
    ]);
    expect(client).toMatchObject({ failed: true, attributes: { 'rpc.system.name': 'grpc', 'error.type': 'unavailable' } });
    expect(server).toMatchObject({ failed: true, attributes: { 'rpc.method': method, 'error.type': 'unavailable' } });
    expect(collector.bodies.join()).not.toContain(request.prompt);
  });
});
