import { Log, Readiness } from '@darkroom/service-kit';
import type { FastifyRequest } from 'fastify';
import { describe, expect, it } from 'vitest';
import { Config } from '../config.js';
import { FileUrls } from './file-urls.js';

const config = (extra: Record<string, string> = {}) =>
  Config.read({
    ...{
      CONTROL_PLANE_ADDRESS: '127.0.0.1:1',
      MODERATOR_ADDRESS: '127.0.0.1:1',
      PROMPT_ENCODER_ADDRESS: '127.0.0.1:1',
      VAE_DECODER_ADDRESS: '127.0.0.1:1',
    },
    ...{ REDIS_URL: 'redis://127.0.0.1:1', FILE_URL_SECRET: 'x'.repeat(32) },
    ...extra,
  }) as Config;
const urls = (extra: Record<string, string> = {}) => new FileUrls(config(extra), new Readiness(Log.create('spec', 'silent')));
const request = { protocol: 'http', host: 'gateway:8080' } as FastifyRequest;
const nowMs = Date.UTC(2026, 10, 24, 12);
const key = 'generations/gen_1/0.png';

describe('an address', () => {
  it('works for an hour, to the second, and says so', async () => {
    const { url, expires_at } = await urls().sign(key, request, nowMs);
    expect(expires_at).toBe(nowMs / 1000 + 3600);
    const address = new URL(url);
    expect(address.origin).toBe('http://gateway:8080');
    const expires = address.searchParams.get('expires') ?? '';
    expect(expires).toBe(String(expires_at));
    const signature = address.searchParams.get('signature') ?? '';
    const verify = (atMs: number) => urls().verify(key, expires, signature, atMs);
    for (const atMs of [nowMs, expires_at * 1000]) await expect(verify(atMs)).resolves.toBeUndefined();
    await expect(verify(expires_at * 1000 + 1)).rejects.toMatchObject({
      code: 'permission_denied',
      message: expect.stringContaining('expired'),
    });
  });

  it('is where clients reach the gateway, if that is told', async () => {
    const { url } = await urls({ PUBLIC_URL: 'https://images.example/' }).sign(key, request, nowMs);
    expect(url).toMatch(/^https:\/\/images\.example\/v1\/files\/generations\/gen_1\/0\.png\?/);
  });

  it.each([
    ['another image', 'generations/gen_1/1.png', undefined],
    ['a later time', key, String(nowMs / 1000 + 3601)],
    ['no time', key, 'undefined'],
  ])('does not work for %s', async (_, blobKey, expires) => {
    const { url, expires_at } = await urls().sign(key, request, nowMs);
    const signature = new URL(url).searchParams.get('signature') ?? '';
    await expect(urls().verify(blobKey, expires ?? String(expires_at), signature, nowMs)).rejects.toMatchObject({
      code: 'permission_denied',
      message: expect.stringContaining('signature'),
    });
  });

  it('is signed with the secret', async () => {
    const { url } = await urls({ FILE_URL_SECRET: 'y'.repeat(32) }).sign(key, request, nowMs);
    const { searchParams } = new URL(url);
    const [expires, signature] = [searchParams.get('expires') ?? '', searchParams.get('signature') ?? ''];
    await expect(urls().verify(key, expires, signature, nowMs)).rejects.toMatchObject({ code: 'permission_denied' });
  });
});
