import * as testing from '@darkroom/testing';
import { beforeAll, describe, expect, it } from 'vitest';
import { controlPlane, errorOf, gateway, get, KEYS, seen, startGateway, useGateway } from '../gateway.fixture.js';

useGateway(testing);

const CACHE_MS = 2_000;

/** Makes a key that no other spec knows. */
function newKey(name: string, more: object = {}): string {
  const secret = `dk_${name}`;
  KEYS.set(secret, { tenantId: `ten_${name}`, keyId: `key_${name}`, ...more });
  return secret;
}

const statusFor = async (secret: string) => (await get('/v1/models', secret)).status;

describe('verified keys', () => {
  beforeAll(async () => {
    await gateway.stop();
    await startGateway({ KEY_CACHE_SECONDS: String(CACHE_MS / 1000) });
  });

  it('are asked for once, however many requests come, also at the same time', async () => {
    const key = newKey('busy');
    const before = seen.verified;
    const statuses = await Promise.all(Array.from({ length: 20 }, () => statusFor(key)));
    expect(new Set([...statuses, await statusFor(key)])).toEqual(new Set([200]));
    expect(seen.verified - before).toBe(1);
  });

  it('are let in while the control plane is away, and not for longer than they are remembered', async () => {
    const key = newKey('remembered');
    expect(await statusFor(key)).toBe(200);
    controlPlane.stop();
    expect(await statusFor(key)).toBe(200);
    await expect.poll(() => statusFor(key)).toBe(503);
    await controlPlane.start();
    await expect.poll(() => statusFor(key)).toBe(200);
  });

  it('are refused soon after they were revoked', async () => {
    const key = newKey('revoked');
    expect(await statusFor(key)).toBe(200);
    KEYS.delete(key);
    await expect.poll(() => statusFor(key), { timeout: CACHE_MS + 1_000, interval: 50 }).toBe(401);
  });

  it('are refused when they expire, though they are still remembered', async () => {
    await gateway.stop();
    await startGateway({ KEY_CACHE_SECONDS: '300' });
    const key = newKey('expiring', { expiresAtMs: Date.now() + 1_000 });
    expect(await statusFor(key)).toBe(200);
    KEYS.delete(key);
    await expect.poll(() => statusFor(key), { timeout: 20_000, interval: 50 }).toBe(401);
  });

  it('that are unknown are asked for each time, so that a new key works at once', async () => {
    const response = await get('/v1/models', 'dk_new');
    expect(response.status).toBe(401);
    expect(await errorOf(response)).toMatchObject({ code: 'unauthenticated' });
    newKey('new');
    expect(await statusFor('dk_new')).toBe(200);
  });
});
