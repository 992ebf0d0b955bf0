/** Streams of answers, over real gRPC to a client made from KEDA's contract. */
import { setTimeout as sleep } from 'node:timers/promises';
import { DarkroomError, ExternalScalerClient, ExternalScalerService, type ScaledObjectRef } from '@darkroom/contracts';
import { type ClientReadableStream, credentials } from '@grpc/grpc-js';
import { afterEach, describe, expect, it } from 'vitest';
import { Log } from '../telemetry/log.js';
import { Metrics } from '../telemetry/metrics.js';
import { GrpcServer, serve } from './server.js';
import type { CallContext, Handlers } from './types.js';

type Scaler = Handlers<typeof ExternalScalerService>;

const cleanup: (() => void)[] = [];
afterEach(() => {
  for (const work of cleanup.splice(0)) work();
});

async function start(streamIsActive: Scaler['streamIsActive']) {
  const unexpected = () => Promise.reject(new Error('this spec did not expect the call'));
  const metrics = new Metrics('spec');
  const handlers = { isActive: unexpected, getMetricSpec: unexpected, getMetrics: unexpected, streamIsActive };
  const server = new GrpcServer({
    services: [serve(ExternalScalerService, handlers)],
    log: Log.create('spec', 'silent'),
    metrics,
    isReady: async () => true,
  });
  const client = new ExternalScalerClient(`127.0.0.1:${await server.listen('127.0.0.1', 0)}`, credentials.createInsecure());
  cleanup.push(
    () => client.close(),
    () => server.destroy(),
  );
  return { server, client, metrics };
}

const ref: ScaledObjectRef = { name: 'pocket', namespace: 'default', scalerMetadata: {} };

/** Reads a stream to its end. */
async function read(stream: ClientReadableStream<{ result: boolean }>) {
  const answers: boolean[] = [];
  stream.on('data', ({ result }: { result: boolean }) => answers.push(result));
  const error = await new Promise<{ code: number; details: string } | undefined>((resolve) => {
    stream.on('error', (thrown) => resolve(thrown as never));
    stream.on('end', () => resolve(undefined));
  });
  return { answers, error };
}

async function* forever(_: ScaledObjectRef, { signal }: CallContext) {
  yield { result: true };
  await sleep(60_000, undefined, { signal });
}

describe('a stream of answers', () => {
  it('carries them all in order and ends with the handler, however slowly they are read', async () => {
    const { client, metrics } = await start(async function* ({ name }) {
      for (let i = 0; i < 20_000; i += 1) yield { result: name === 'pocket' && i % 3 === 0 };
    });
    const { answers, error } = await read(client.streamIsActive(ref));
    expect(error).toBeUndefined();
    expect(answers).toEqual(Array.from({ length: 20_000 }, (_, i) => i % 3 === 0));
    expect(await metrics.registry.metrics()).toMatch(/darkroom_grpc_server_seconds_count\{.*StreamIsActive.*code="ok".*\} 1/);
  });

  it("ends with the handler's error, after what came before it", async () => {
    const { client } = await start(async function* () {
      yield { result: true };
      throw new DarkroomError({ code: 'not_found', message: 'no such model', param: 'model' });
    });
    expect(await read(client.streamIsActive(ref))).toMatchObject({
      answers: [true],
      error: { code: 5, details: 'no such model' },
    });
  });

  it('lets its handler know that the client has gone', async () => {
    let ended: (() => void) | undefined;
    const end = new Promise<void>((resolve) => {
      ended = resolve;
    });
    const { client } = await start(async function* (request, context) {
      try {
        yield* forever(request, context);
      } finally {
        ended?.();
      }
    });
    const stream = client.streamIsActive(ref);
    const whole = read(stream);
    await new Promise((resolve) => stream.once('data', resolve));
    stream.cancel();
    await end;
    expect(await whole).toMatchObject({ answers: [true], error: { code: 1 } });
  });

  it('does not keep a server from stopping', async () => {
    const { client, server } = await start(forever);
    const stream = client.streamIsActive(ref);
    const whole = read(stream);
    await new Promise((resolve) => stream.once('data', resolve));
    await server.close();
    expect(await whole).toMatchObject({ answers: [true], error: { code: 14, details: 'the service is shutting down' } });
  });
});
