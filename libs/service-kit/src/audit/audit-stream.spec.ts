import { AuditEntry, Decision } from '@darkroom/contracts';
import { type RedisServer, startRedisServer } from '@darkroom/testing';
import type { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { connectRedis } from '../queue/redis.js';
import { Log } from '../telemetry/log.js';
import { appendToAudit, WaitingEntries } from './audit-stream.js';

const log = Log.create('spec', 'silent');
const entry = (id: string) => ({
  id,
  atMs: 1,
  decision: Decision.fromPartial({ stage: 'prompt' }),
  review: undefined,
  policy: undefined,
  operator: undefined,
});

describe('the stream of the audit log', () => {
  let server: RedisServer;
  let redis: Redis;
  let readers: WaitingEntries[];
  beforeAll(async () => {
    server = await startRedisServer();
    redis = connectRedis(server.url, log);
    readers = [new WaitingEntries(server.url, log), new WaitingEntries(server.url, log)];
    await vi.waitFor(() => expect(redis.status).toBe('ready'), { timeout: 20_000 });
  });
  afterAll(async () => {
    for (const reader of readers) reader.close();
    redis.disconnect();
    await server.dispose();
  });

  it('gives every reader all that waits, in order, until it is forgotten', async () => {
    for (const id of ['a', 'b', 'c']) await appendToAudit(redis, entry(id));
    const [first = [], second = []] = await Promise.all(readers.map((reader) => reader.next(2, 1_000)));
    expect(second).toEqual(first);
    expect(first.map(({ bytes }) => AuditEntry.decode(bytes))).toEqual([entry('a'), entry('b')]);
    await readers[0]?.forget(first);
    const [rest] = (await readers[1]?.next(2, 1_000)) ?? [];
    expect(rest && AuditEntry.decode(rest.bytes).id).toBe('c');
    await readers[1]?.forget(rest ? [rest] : []);
  });

  it('lets a reader wait for what comes', async () => {
    const waiting = readers[0]?.next(10, 20_000);
    await appendToAudit(redis, entry('later'));
    const entries = (await waiting) ?? [];
    expect(entries.map(({ bytes }) => AuditEntry.decode(bytes).id)).toEqual(['later']);
    await readers[0]?.forget(entries);
    expect(await readers[0]?.next(10, 10)).toEqual([]);
  });

  it('tells a reader that is closed while Redis is away, or does not answer, at whatever it asks', async () => {
    const own = await startRedisServer();
    const [away, late, frozen] = [0, 1, 2].map(() => new WaitingEntries(own.url, log)) as [
      WaitingEntries,
      WaitingEntries,
      WaitingEntries,
    ];
    for (const reader of [away, late, frozen]) expect(await reader.next(1, 1)).toEqual([]);
    own.freeze();
    const asked = frozen.next(1, 20_000);
    frozen.close();
    await expect(asked).rejects.toThrow('closed');
    await own.dispose();
    const waiting = away.next(1, 20_000);
    // Between two attempts to connect, so that ioredis itself tells nobody.
    await new Promise((resolve) => setTimeout(resolve, 50));
    away.close();
    late.close();
    await expect(waiting).rejects.toThrow('closed');
    await expect(late.forget([{ place: '1-1', bytes: Buffer.alloc(0) }])).rejects.toThrow('closed');
  });

  it('says that nothing can be entered while Redis is away, and keeps what was', async () => {
    await appendToAudit(redis, entry('kept'));
    // With `appendfsync everysec` Redis puts a write off while the disk is busy with the one before.
    await vi.waitFor(async () => expect(await redis.info('persistence')).toContain('aof_buffer_length:0'), 10_000);
    await server.kill();
    await expect(appendToAudit(redis, entry('lost'))).rejects.toMatchObject({ code: 'unavailable' });
    // A service that stops meanwhile is not kept from it.
    const late = new WaitingEntries(server.url, log);
    const waiting = late.next(10, 20_000);
    setTimeout(() => late.close(), 50);
    await expect(waiting).rejects.toThrow('closed');
    await server.start();
    const entries = (await readers[0]?.next(10, 20_000)) ?? [];
    expect(entries.map(({ bytes }) => AuditEntry.decode(bytes).id)).toEqual(['kept']);
  });
});
