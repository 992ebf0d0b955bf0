import { newGenerationId } from '@darkroom/contracts';
import { Log } from '@darkroom/service-kit';
import { connectRedis } from '@darkroom/service-kit/queue';
import { type RedisServer, startRedisServer } from '@darkroom/testing';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { Attempts } from './attempts.js';

let server: RedisServer;
let redis: ReturnType<typeof connectRedis>;
let attempts: Attempts;
beforeAll(async () => {
  server = await startRedisServer();
  redis = connectRedis(server.url, Log.create('spec', 'silent'));
  await vi.waitFor(() => expect(redis.status).toBe('ready'), { timeout: 20_000 });
  attempts = new Attempts(redis);
});
afterAll(async () => {
  redis.disconnect();
  await server.dispose();
});

describe('Attempts', () => {
  it('counts deaths at the same place, and forgets them once there was progress', async () => {
    const id = newGenerationId();
    const die = async (token: string, progress: number) => {
      await attempts.begin(id, token);
      return await attempts.deaths(id, progress);
    };
    expect(await attempts.deaths(id, 0)).toBe(0);
    expect(await die('a', 0)).toBe(1);
    expect(await die('b', 5)).toBe(1);
    expect(await die('c', 5)).toBe(2);
    expect(await die('d', 10)).toBe(1);
  });

  it('counts a death once, whoever asks how often', async () => {
    const id = newGenerationId();
    await attempts.begin(id, 'a');
    expect(await attempts.deaths(id, 0)).toBe(1);
    expect(await attempts.deaths(id, 0)).toBe(1);
  });

  it('does not count an attempt that ended properly, but remembers what was before it', async () => {
    const id = newGenerationId();
    await attempts.begin(id, 'a');
    await attempts.deaths(id, 3);
    await attempts.begin(id, 'b');
    await attempts.end(id, 'b');
    expect(await attempts.deaths(id, 3)).toBe(1);
  });

  it('leaves nothing behind where nobody died', async () => {
    const id = newGenerationId();
    await attempts.begin(id, 'a');
    expect(await redis.ttl(`darkroom:attempt:${id}`)).toBeGreaterThan(0);
    await attempts.end(id, 'a');
    expect(await redis.exists(`darkroom:attempt:${id}`)).toBe(0);
  });

  it("does not end another worker's attempt", async () => {
    const id = newGenerationId();
    await attempts.begin(id, 'a');
    await attempts.begin(id, 'b');
    await attempts.end(id, 'a');
    expect(await attempts.deaths(id, 0)).toBe(1);
  });
});
