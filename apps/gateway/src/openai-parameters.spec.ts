import type { GenerationJob } from '@darkroom/contracts';
import { generationListBody, imagesResponseBody } from '@darkroom/contracts/http';
import { startRedisServer, temporaryFolder } from '@darkroom/testing';
import { describe, expect, it } from 'vitest';
import { drawn, errorOf, generationOf, get, openai, post, seen, submitJob, useGateway, work } from './gateway.fixture.js';

useGateway({ startRedisServer, temporaryFolder });

describe("OpenAI's parameters for images", () => {
  it('reach the job, and what they came to is in the reply', async () => {
    const jobs = work();
    const answer = await openai().images.generate({
      prompt: 'a red apple',
      n: 2,
      quality: 'high',
      output_format: 'webp',
      output_compression: 0,
      moderation: 'low',
      background: 'opaque',
      user: 'someone',
    });
    expect(jobs[0]).toMatchObject({ steps: 40, outputCompression: 1, moderation: 'low', user: 'someone' });
    expect(seen.levels.at(-1)).toBe('low');
    const reply = imagesResponseBody.parse(answer);
    expect(reply).toMatchObject({ quality: 'high', background: 'opaque', output_format: 'webp' });
    expect(reply.receipt).toMatchObject({ steps: 40, output_compression: 1 });
  });

  it('are as they were when they are left out', async () => {
    const jobs = work();
    const reply = imagesResponseBody.parse(await (await post({ prompt: 'x' })).json());
    expect(jobs[0]).toMatchObject({ steps: 20, outputCompression: 0, moderation: 'auto', user: '' });
    expect(seen.levels.at(-1)).toBe('auto');
    expect(reply.quality).toBe('medium');
    expect(reply.receipt).not.toHaveProperty('output_compression');
    expect(imagesResponseBody.parse(await (await post({ prompt: 'x', steps: 3 })).json()).quality).toBe('auto');
  });

  it('that no model here has are refused with what to do instead', async () => {
    const error = await errorOf(await post({ prompt: 'x', style: 'vivid' }));
    expect(error).toMatchObject({ param: 'style', message: expect.stringContaining('describe the style in `prompt`') });
    await expect(openai().images.generate({ prompt: 'x', background: 'transparent' })).rejects.toMatchObject({
      status: 400,
      param: 'background',
    });
  });

  it('say how much a generation took', async () => {
    work();
    const reply = imagesResponseBody.parse(await (await post({ prompt: 'a red apple', n: 2, size: '64x128' })).json());
    // What the worker of these specs counts: a token for each letter, 64 for each image, and seven evaluations.
    const usage = {
      input_tokens: 11,
      input_tokens_details: { text_tokens: 11, image_tokens: 0 },
      output_tokens: 128,
      output_tokens_details: { text_tokens: 0, image_tokens: 128 },
      total_tokens: 139,
      compute_units: 64 * 128 * 7,
    };
    expect(reply.usage).toEqual(usage);
    expect((await generationOf(await get(`/v1/generations/${reply.id}`))).usage).toEqual(usage);
  });

  it('tell in a stream what the official client expects of it', async () => {
    const jobs = work();
    const stream = await openai().images.generate({ prompt: 'a star', stream: true, quality: 'low', output_format: 'jpeg' });
    const events: object[] = [];
    for await (const event of stream) events.push(event);
    expect(events).toEqual([
      expect.objectContaining({
        type: 'image_generation.completed',
        b64_json: drawn(jobs[0] as GenerationJob, 0).toString('base64'),
        background: 'opaque',
        quality: 'low',
        output_format: 'jpeg',
        size: '256x256',
        usage: expect.objectContaining({ input_tokens: 6, output_tokens: 64, total_tokens: 70 }),
      }),
    ]);
  });
});

describe('the user of a client', () => {
  it('is kept with the generation, and finds it again', async () => {
    const [first, second] = await Promise.all(
      ['user one & only', 'other'].map(async (user) => await generationOf(await submitJob({ prompt: 'x', user }))),
    );
    expect([first?.user, second?.user]).toEqual(['user one & only', 'other']);
    const list = async (user: string) =>
      generationListBody.parse(await (await get(`/v1/generations?user=${encodeURIComponent(user)}`)).json()).data;
    expect((await list('user one & only')).map(({ id }) => id)).toEqual([first?.id]);
    expect(await list('user')).toEqual([]);
    expect((await generationOf(await submitJob({ prompt: 'x' }))).user).toBeNull();
  });

  it.each([
    ['nothing', '?user='],
    ['513 characters', `?user=${'u'.repeat(513)}`],
    ['two of them', '?user=a&user=b'],
  ])('is not looked for by %s', async (_, query) => {
    const response = await get(`/v1/generations${query}`);
    expect(response.status).toBe(400);
    expect(await errorOf(response)).toMatchObject({ param: 'user', message: expect.stringContaining('1 to 512') });
  });
});

describe('the address of an image', () => {
  it('comes with the moment from which it works no more', async () => {
    work();
    const { data } = imagesResponseBody.parse(await (await post({ prompt: 'x', response_format: 'url' })).json());
    const { url = '', expires_at } = data[0] ?? {};
    expect(expires_at).toBe(Number(new URL(url).searchParams.get('expires')));
    const late = new URL(url);
    late.searchParams.set('expires', '1000000000');
    expect((await fetch(late)).status).toBe(403);
  });
});
