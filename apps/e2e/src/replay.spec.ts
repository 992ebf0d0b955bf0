import type { GenerationBody } from '@darkroom/contracts/http';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { denoising, ended, firstImage, makeImage, request, submit } from './generation.js';
import { TestPlatform } from './platform.js';

let platform: TestPlatform;

beforeAll(async () => {
  platform = await TestPlatform.start({ environment: { MODELS: '' } });
});

afterAll(() => platform.dispose());

const replay = async (id: string) => await platform.fetch(`/v1/generations/${id}/replay`, { method: 'POST', body: '{}' });

const replayed = async (id: string) => {
  const response = await replay(id);
  expect(response.status).toBe(202);
  const { id: again } = (await response.json()) as GenerationBody;
  return await ended(platform, again);
};

describe('a generation that is made again', () => {
  it.each([
    ['as it comes', {}],
    ['with a drawn seed and another model', { seed: undefined, model: 'pocket-turbo' }],
    ['several images, compressed', { n: 2, output_format: 'webp', output_compression: 40 }],
    ['by other solvers and spacings', { solver: 'dpmpp_2m', sigmas: 'karras', steps: 5, negative_prompt: 'blue' }],
    ['with cached blocks', { first_block_cache: 0.2, steps: 6 }],
    ['from a long prompt', { prompt: `a red apple, ${'on a blue background, '.repeat(400)}` }],
  ])('gives the same bytes: %s', async (_, differing) => {
    const original = await ended(platform, await submit(platform, differing));
    const again = await replayed(original.id);
    expect(again).toMatchObject({ status: 'succeeded', replay_of: original.id, matches: true });
    expect(again.receipt?.seed).toBe(original.receipt?.seed);
    expect((await firstImage(platform, again)).equals(await firstImage(platform, original))).toBe(true);
    expect(await platform.usage(again.id)).toHaveLength(1);
  });

  it('gives the same bytes while other work shares its steps', async () => {
    const { answer, bytes } = await makeImage(platform, { size: '128x128', steps: 6 });
    const others = await Promise.all([1, 2, 3].map((seed) => submit(platform, { seed, steps: 12, size: '128x128' })));
    const again = await replayed(answer.id);
    expect(again.matches).toBe(true);
    expect((await firstImage(platform, again)).equals(bytes)).toBe(true);
    for (const id of others) await ended(platform, id);
  });

  it('can be one that was itself made again', async () => {
    const { answer } = await makeImage(platform);
    const first = await replayed(answer.id);
    expect(await replayed(first.id)).toMatchObject({ replay_of: first.id, matches: true });
  });

  it('has to have succeeded', async () => {
    const id = await submit(platform, { steps: 60, size: '512x512' });
    await denoising(platform, id);
    expect((await replay(id)).status).toBe(409);
    await platform.fetch(`/v1/generations/${id}`, { method: 'DELETE', body: '{}' });
    await ended(platform, id);
    expect((await replay(id)).status).toBe(409);
  });

  it("is nobody else's", async () => {
    const { answer } = await makeImage(platform);
    await platform.admin('POST', '/tenants', { name: 'strangers' });
    const stranger = await platform.admin<{ secret: string }>('POST', '/keys', { name: 'stranger', tenant: 'strangers' });
    const response = await fetch(`${platform.url}/v1/generations/${answer.id}/replay`, {
      method: 'POST',
      headers: { authorization: `Bearer ${stranger.secret}` },
    });
    expect(response.status).toBe(404);
  });

  it('keeps its prompt over a restart', async () => {
    const original = await ended(platform, await submit(platform, request({ prompt: 'a star, '.repeat(2000) })));
    const { stateDir, port } = platform;
    await platform.stop('SIGINT');
    platform = await TestPlatform.start({ stateDir, port });
    expect(await replayed(original.id)).toMatchObject({ matches: true });
  });
});
