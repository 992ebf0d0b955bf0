import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import type { GenerationEvent } from '@darkroom/client';
import type { ImagesResponseBody } from '@darkroom/contracts/http';
import type OpenAI from 'openai';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ended, firstImage, makeImage, request, submit } from './generation.js';
import { contrast, decodeImage, difference } from './images.js';
import { TestPlatform } from './platform.js';

const allModels = { MODELS: '' };
let platform: TestPlatform;

beforeAll(async () => {
  platform = await TestPlatform.start({ environment: allModels });
});

afterAll(() => platform.dispose());

describe('the official openai client', () => {
  it('gets a PNG of the size it asked for, which shows something', async () => {
    const answer = await platform.openai().images.generate({
      model: 'pocket',
      prompt: 'a yellow star on a black background',
      size: '256x256',
      response_format: 'b64_json',
      n: 1,
    });
    const image = await decodeImage(Buffer.from(answer.data?.[0]?.b64_json ?? '', 'base64'));
    expect(image).toMatchObject({ format: 'png', width: 256, height: 256 });
    expect(contrast(image)).toBeGreaterThan(5);
    expect(answer.created).toBeGreaterThan(Date.now() / 1000 - 600);
  });

  it('lists the served models', async () => {
    const models = await platform.openai().models.list();
    expect(models.data.map(({ id }) => id)).toEqual(['pocket', 'pocket-turbo']);
  });

  it('passes parameters beyond its own types through', async () => {
    const parameters = request({ n: 2, guidance_scale: 2, negative_prompt: 'text', output_format: 'webp' });
    const answer = await platform.openai().images.generate(parameters as unknown as OpenAI.ImageGenerateParamsNonStreaming);
    expect(answer.data).toHaveLength(2);
    const images = await Promise.all(
      (answer.data ?? []).map(({ b64_json }) => decodeImage(Buffer.from(b64_json ?? '', 'base64'))),
    );
    expect(images.map(({ format }) => format)).toEqual(['webp', 'webp']);
  });

  it('gets an address that opens without a key', async () => {
    const answer = await platform.openai().images.generate({ prompt: 'a green circle', size: '256x256', response_format: 'url' });
    const response = await fetch(answer.data?.[0]?.url ?? '');
    expect(response.headers.get('content-type')).toBe('image/png');
    const image = await decodeImage(Buffer.from(await response.arrayBuffer()));
    expect(image.width).toBe(256);
  });
});

describe('the distilled model', () => {
  it('draws with its own steps and guidance, unless told otherwise, what the base draws', async () => {
    const asked = { prompt: 'a red circle on a blue background', size: '256x256', steps: undefined };
    const base = await makeImage(platform, { ...asked, model: 'pocket' });
    const turbo = await makeImage(platform, { ...asked, model: 'pocket-turbo' });
    expect(base.answer.receipt).toMatchObject({ model: 'pocket', steps: 20, guidance_scale: 4 });
    expect(turbo.answer.receipt).toMatchObject({ model: 'pocket-turbo', steps: 4, guidance_scale: 1 });
    expect(turbo.answer.receipt.model_digest).not.toBe(base.answer.receipt.model_digest);
    // Of 255; two pictures of different prompts are about a hundred apart.
    expect(difference(await decodeImage(turbo.bytes), await decodeImage(base.bytes))).toBeLessThan(30);
    const { answer } = await makeImage(platform, { ...asked, model: 'pocket-turbo', steps: 3 });
    expect(answer.receipt.steps).toBe(3);
  });
});

describe('reproducibility', () => {
  it('gives the same bytes for the same seed, also while other work runs', async () => {
    const { bytes } = await makeImage(platform);
    const others = [1, 2, 3].map((seed) => submit(platform, { seed, steps: 8, size: '128x128' }));
    await Promise.all(others);
    const again = await makeImage(platform);
    expect(again.bytes.equals(bytes)).toBe(true);
    for (const id of await Promise.all(others)) await ended(platform, id);
  });

  it('gives another picture for another seed', async () => {
    const one = await decodeImage((await makeImage(platform, { seed: 1 })).bytes);
    const other = await decodeImage((await makeImage(platform, { seed: 2 })).bytes);
    expect(difference(one, other)).toBeGreaterThan(2);
  });

  it('draws image i of a generation from seed + i', async () => {
    const response = await platform.post(request({ n: 2, seed: 41 }));
    const { data } = (await response.json()) as ImagesResponseBody;
    const single = await makeImage(platform, { seed: 42 });
    expect(Buffer.from(data[1]?.b64_json ?? '', 'base64').equals(single.bytes)).toBe(true);
  });

  it('tells in the receipt what the image was made from', async () => {
    const { answer } = await makeImage(platform, { seed: 4_294_967_295, size: '96x64', steps: 2 });
    expect(answer.receipt).toMatchObject({ seed: 4_294_967_295, steps: 2, width: 96, height: 64 });
    expect(answer.receipt.model_digest).toMatch(/[0-9a-f]{64}$/);
    const denoise = answer.receipt.timings.find(({ stage }) => stage === 'denoise');
    expect(denoise?.kernel_ms).toBeGreaterThan(0);
    expect(denoise?.kernel_ms).toBeLessThanOrEqual(denoise?.total_ms ?? 0);
    expect(answer.receipt.timings.map(({ stage }) => stage)).toEqual(
      expect.arrayContaining(['encode', 'decode', 'moderate', 'store']),
    );
  });

  it('is kept by a restart, as are the key and the finished generations', async () => {
    const { bytes, answer } = await makeImage(platform);
    const { apiKey, stateDir, port } = platform;
    await platform.stop('SIGINT');
    platform = await TestPlatform.start({ stateDir, port, environment: allModels });
    expect(platform.apiKey).toBe(apiKey);
    expect((await makeImage(platform)).bytes.equals(bytes)).toBe(true);
    const kept = await firstImage(platform, await ended(platform, answer.id));
    expect(kept.equals(bytes)).toBe(true);
  });
});

describe('a generation by its id', () => {
  it('is followed by the typed client from its first picture to its last', async () => {
    const client = platform.client();
    const events: GenerationEvent[] = [];
    const body = { prompt: 'a red apple on a blue background', seed: 12, size: '64x64', steps: 8, partial_images: 2 };
    const { data } = await client.generateAndWait(body, { onEvent: (event) => events.push(event) });
    expect(events.map(({ event }) => event)).toEqual(expect.arrayContaining(['progress', 'partial_image', 'succeeded']));
    const image = Buffer.from(await (await client.image(data?.[0]?.url ?? '')).arrayBuffer());
    expect(image.equals((await makeImage(platform, { seed: 12, steps: 8 })).bytes)).toBe(true);
  });

  it('goes on without its client, and its image can be fetched later', async () => {
    const id = await submit(platform, { seed: 11 });
    const generation = await ended(platform, id);
    expect(generation.status).toBe('succeeded');
    const image = await firstImage(platform, generation);
    expect(image.equals((await makeImage(platform, { seed: 11 })).bytes)).toBe(true);
  });

  it('is the same for the same Idempotency-Key, and enters the ledger once', async () => {
    const headers = { 'idempotency-key': 'e2e-once' };
    const answers = await Promise.all([platform.post(request(), headers), platform.post(request(), headers)]);
    const [first, second] = (await Promise.all(answers.map((answer) => answer.json()))) as ImagesResponseBody[];
    expect(first?.id).toBe(second?.id);
    expect(await platform.usage(first?.id)).toHaveLength(1);
    const conflicting = await platform.post(request({ seed: 8 }), headers);
    expect(conflicting.status).toBe(409);
  });

  it("is another tenant's secret", async () => {
    const { answer } = await makeImage(platform);
    await platform.admin('POST', '/tenants', { name: 'strangers' });
    const stranger = await platform.admin<{ secret: string }>('POST', '/keys', { name: 'stranger', tenant: 'strangers' });
    const response = await fetch(`${platform.url}/v1/generations/${answer.id}`, {
      headers: { authorization: `Bearer ${stranger.secret}` },
    });
    expect(response.status).toBe(404);
  });
});

describe('the state folder', () => {
  it('keeps secrets from other users', () => {
    for (const name of ['api-key', 'admin-token', 'run.json']) {
      expect(statSync(path.join(platform.stateDir, name)).mode & 0o777, name).toBe(0o600);
    }
  });

  it('has neither prompts nor keys in its logs', async () => {
    const word = `zebra${createHash('sha256').update('log').digest('hex').slice(0, 12)}`;
    await makeImage(platform, { prompt: `a ${word}` });
    const folder = path.join(platform.stateDir, 'logs');
    for (const file of readdirSync(folder)) {
      const text = readFileSync(path.join(folder, file), 'utf8');
      expect(text.includes(word), `${file} has the prompt`).toBe(false);
      expect(text.includes(platform.apiKey), `${file} has the key`).toBe(false);
    }
  });
});
