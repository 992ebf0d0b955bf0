import { describe, expect, it } from 'vitest';
import { Log } from '../telemetry/log.js';
import { Readiness } from './readiness.js';

const readiness = () => new Readiness(Log.create('spec', 'silent'));

describe('Readiness', () => {
  it('is ready when nothing is missing', async () => {
    const subject = readiness();
    subject.require('redis', () => undefined);
    expect(await subject.report()).toEqual({ ready: true, missing: {} });
  });

  it('tells notes beside, and is as ready with them', async () => {
    const subject = readiness();
    subject.tell('cluster', () => 'no GPU is free');
    subject.tell('queue', () => undefined);
    expect(await subject.report()).toEqual({ ready: true, missing: {}, notes: { cluster: 'no GPU is free' } });
    subject.tellNoMore('cluster');
    expect(await subject.report()).toEqual({ ready: true, missing: {} });
  });

  it('names what is missing, and takes a check that throws as missing', async () => {
    const subject = readiness();
    subject.require('redis', async () => 'Redis is not reachable');
    subject.require('database', () => {
      throw new Error('no such file');
    });
    expect(await subject.report()).toEqual({
      ready: false,
      missing: { redis: 'Redis is not reachable', database: 'no such file' },
    });
  });

  it('is not ready until what it loads is there', async () => {
    const subject = readiness();
    const gate = Promise.withResolvers<string>();
    const loaded = subject.load('model pocket', () => gate.promise);
    expect((await subject.report()).missing).toEqual({ 'model pocket': 'is being loaded' });
    gate.resolve('session');
    expect(await loaded).toBe('session');
    expect((await subject.report()).ready).toBe(true);
  });

  it('never gets ready when loading fails, and says why', async () => {
    const subject = readiness();
    const loaded = subject.load('model pocket', () => Promise.reject(new Error('transformer/model.onnx is damaged')));
    await expect(loaded).rejects.toThrow('damaged');
    expect((await subject.report()).missing).toEqual({ 'model pocket': 'transformer/model.onnx is damaged' });
  });

  it('takes a check that never answers as missing', { timeout: 20_000 }, async () => {
    const subject = readiness();
    subject.require('redis', () => new Promise(() => {}));
    expect((await subject.report()).missing['redis']).toContain('did not answer');
  });
});
