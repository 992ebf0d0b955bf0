/** Edits of pictures over HTTP, with a worker that draws nothing: what arrives, what is stored, and what is refused before that. */
import { crc32 } from 'node:zlib';
import { editedImageKey, editMaskKey, type GenerationJob, Tenant } from '@darkroom/contracts';
import { imagesResponseBody } from '@darkroom/contracts/http';
import * as testing from '@darkroom/testing';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import {
  blobs,
  drawn,
  errorOf,
  generationOf,
  get,
  KEYS,
  moderator,
  openai,
  seen,
  url,
  useGateway,
  work,
} from '../gateway.fixture.js';

useGateway(testing);

type Colour = { r: number; g: number; b: number };
const green = { r: 20, g: 160, b: 60 };
const red = { r: 250, g: 10, b: 10 };
const blue = { r: 10, g: 10, b: 250 };

const canvas = (width: number, height: number, background: Colour = green) =>
  sharp({ create: { width, height, channels: 3, background }, limitInputPixels: false });
const png = async (width = 128, height = 128, colour?: Colour) => await canvas(width, height, colour).png().toBuffer();

/** A mask that uncovers the right half. */
async function maskOf(width: number, height: number, alpha = 0): Promise<Buffer> {
  const pixels = Buffer.alloc(width * height * 4, 255);
  for (let i = 0; i < width * height; i++) if (i % width >= width / 2) pixels[4 * i + 3] = alpha;
  return await sharp(pixels, { raw: { width, height, channels: 4 } })
    .png()
    .toBuffer();
}

function chunk(type: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  const frame = Buffer.alloc(8);
  frame.writeUInt32BE(data.length, 0);
  frame.writeUInt32BE(crc32(body), 4);
  return Buffer.concat([frame.subarray(0, 4), body, frame.subarray(4)]);
}

/** The PNG with its header (8 + 25 bytes) saying another size, as a decompression bomb's does. */
function claiming(file: Buffer, width: number, height: number): Buffer {
  const header = Buffer.from(file.subarray(16, 29));
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  return Buffer.concat([file.subarray(0, 8), chunk('IHDR', header), file.subarray(33)]);
}

const animatedPng = (file: Buffer) =>
  Buffer.concat([file.subarray(0, 33), chunk('acTL', Buffer.from([0, 0, 0, 2, 0, 0, 0, 0])), file.subarray(33)]);

type Parts = Record<string, string | Buffer | readonly Buffer[]>;

function formOf(parts: Parts): FormData {
  const form = new FormData();
  for (const [name, value] of Object.entries(parts)) {
    if (typeof value === 'string') form.append(name, value);
    else for (const file of [value].flat()) form.append(name, new Blob([new Uint8Array(file as Buffer)]), `${name}.png`);
  }
  return form;
}

const send = (path: string, body: FormData | Buffer | string, headers: Record<string, string> = {}) =>
  fetch(url + path, {
    method: 'POST',
    headers: { authorization: 'Bearer dk_alice', ...headers },
    body: body instanceof Buffer ? new Uint8Array(body) : body,
  });
const edit = (parts: Parts, headers?: Record<string, string>) => send('/v1/images/edits', formOf(parts), headers);
const stored = async (key: string) => Buffer.from((await blobs.get(key)) ?? []);
const pixelsOf = (file: Buffer) => sharp(file).raw().toBuffer({ resolveWithObject: true });

describe('the official openai client', () => {
  it('edits a picture', async () => {
    const jobs = work();
    const image = new File([new Uint8Array(await png())], 'picture.png', { type: 'image/png' });
    const answer = await openai().images.edit({ image, prompt: 'an apple', n: 2, response_format: 'b64_json' });
    const job = jobs[0] as GenerationJob;
    expect(answer.data?.map(({ b64_json }) => Buffer.from(b64_json ?? '', 'base64').toString())).toEqual(
      [0, 1].map((index) => drawn(job, index).toString()),
    );
    expect(job).toMatchObject({ width: 128, height: 128, imageCount: 2, strength: 0.8, maskBlobKey: '' });
    expect(answer.usage?.input_tokens_details.image_tokens).toBe(64);
  });

  it('edits what a mask uncovers, and streams it', async () => {
    const jobs = work();
    const [image, mask] = [await png(), await maskOf(128, 128)].map((file) => new File([new Uint8Array(file)], 'f.png'));
    const stream = await openai().images.edit({ image: [image as File], mask: mask as File, prompt: 'x', stream: true });
    const events: string[] = [];
    for await (const { type } of stream) events.push(type);
    expect(events).toEqual(['image_edit.completed']);
    expect(jobs[0]).toMatchObject({ strength: 1, maskBlobKey: editMaskKey(jobs[0]?.id ?? '') });
  });
});

describe('POST /v1/images/edits', () => {
  it('takes PNG, JPEG and WebP, and stores what is drawn over: the wanted size, in sRGB, on white, turned as the camera says', async () => {
    const jobs = work();
    const files = [
      await canvas(300, 150).jpeg().withExif({}).withMetadata({ orientation: 6 }).toBuffer(),
      await canvas(150, 300).webp().toBuffer(),
      await sharp({ create: { width: 150, height: 300, channels: 4, background: { r: 0, g: 0, b: 0, alpha: 0 } } })
        .png()
        .toBuffer(),
    ];
    for (const image of files) {
      const body = imagesResponseBody.parse(await (await edit({ image, prompt: 'x', size: '64x128', seed: '7' })).json());
      expect(body.size).toBe('64x128');
    }
    const pictures = await Promise.all(jobs.map(async ({ imageBlobKey }) => await stored(imageBlobKey)));
    for (const [i, picture] of pictures.entries()) {
      expect(await sharp(picture).metadata()).toMatchObject({ format: 'png', width: 64, height: 128, channels: 3 });
      const [first] = (await pixelsOf(picture)).data;
      if (i === 2) expect(first).toBe(255);
      else expect(Math.abs((first ?? 0) - green.r)).toBeLessThan(4);
    }
    // What is judged is what is drawn over.
    expect(seen.pictures.slice(-3)).toEqual(pictures);
    expect(jobs.map(({ imageBlobKey }) => imageBlobKey)).toEqual(jobs.map(({ id }) => editedImageKey(id)));
  });

  it.each([
    ['its own size where that is drawn', [192, 128], '192x128'],
    ['its shape, in as many pixels as the model is used to', [1600, 900], '352x192'],
    ['a panorama as far as the model goes', [4000, 200], '1024x64'],
    ['a speck', [3, 2], '320x224'],
  ])('gives a picture %s', async (_what, [width = 0, height = 0], size) => {
    work();
    const body = imagesResponseBody.parse(await (await edit({ image: await png(width, height), prompt: 'x' })).json());
    expect(body.size).toBe(size);
  });

  it('reads the types of parameters off a form, and counts the steps that an edit makes', async () => {
    const jobs = work();
    const parameters = { strength: '0.25', steps: '8', guidance_scale: '1.5', seed: '12', first_block_cache: '0.1', n: '2' };
    const response = await edit({ image: await png(), prompt: '12', keep_on_disconnect: 'true', ...parameters });
    expect(response.status).toBe(200);
    expect(jobs[0]).toMatchObject({ prompt: '12', strength: 0.25, steps: 8, guidanceScale: 1.5, seed: 12, imageCount: 2 });
    const { receipt } = imagesResponseBody.parse(await response.json());
    expect(receipt).toMatchObject({ strength: 0.25, image_sha256: expect.stringMatching(/^[0-9a-f]{64}$/) });
    expect(receipt).not.toHaveProperty('mask_sha256');
  });

  it('scales a mask with its picture, and draws anew what is more transparent than not', async () => {
    const jobs = work();
    const files = { image: await png(256, 256), mask: await maskOf(256, 256, 127) };
    expect((await edit({ ...files, prompt: 'x', size: '128x128' })).status).toBe(200);
    const { data, info } = await sharp(await stored(jobs[0]?.maskBlobKey ?? ''))
      .extractChannel('alpha')
      .raw()
      .toBuffer({ resolveWithObject: true });
    expect(info).toMatchObject({ width: 128, height: 128 });
    expect([data[0], data[63], data[64], data[127]]).toEqual([255, 255, 0, 0]);
  });

  it('is one generation under one key, and another picture under the same key is refused', async () => {
    const jobs = work();
    const key = { 'idempotency-key': 'one edit' };
    const image = await png();
    const answers = await Promise.all(Array.from({ length: 5 }, () => edit({ image, prompt: 'x' }, key)));
    expect(new Set(await Promise.all(answers.map(async (answer) => imagesResponseBody.parse(await answer.json()).id))).size).toBe(
      1,
    );
    expect(jobs).toHaveLength(1);
    const other = await edit({ image: await png(160, 128), prompt: 'x' }, key);
    expect(await errorOf(other)).toMatchObject({ code: 'conflict', param: 'Idempotency-Key' });
  });

  it.each([
    ['no picture', async () => ({ prompt: 'x' }), 'image'],
    ['a text for a picture', async () => ({ prompt: 'x', image: 'data:image/png;base64,AAAA' }), 'image'],
    ['two pictures', async () => ({ prompt: 'x', image: [await png(), await png()] }), 'image'],
    ['what is no image', async () => ({ prompt: 'x', image: Buffer.from('GIF? no') }), 'image'],
    ['a format that is not taken', async () => ({ prompt: 'x', image: await canvas(64, 64).gif().toBuffer() }), 'image'],
    ['a script in SVG', async () => ({ prompt: 'x', image: Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"/>') }), 'image'],
    ['an animated PNG', async () => ({ prompt: 'x', image: animatedPng(await png()) }), 'image'],
    ['an animated WebP', async () => ({ prompt: 'x', image: await animatedWebp() }), 'image'],
    ['100 megapixels', async () => ({ prompt: 'x', image: claiming(await png(), 10_000, 10_000) }), 'image'],
    ['a decompression bomb', async () => ({ prompt: 'x', image: claiming(await png(), 2 ** 31 - 1, 2 ** 31 - 1) }), 'image'],
    ['a damaged picture', async () => ({ prompt: 'x', image: (await png(512, 512)).subarray(0, 400) }), 'image'],
    ['a mask of another size', async () => ({ prompt: 'x', image: await png(), mask: await maskOf(64, 128) }), 'mask'],
    ['a mask without transparency', async () => ({ prompt: 'x', image: await png(), mask: await png() }), 'mask'],
    ['a mask that keeps all', async () => ({ prompt: 'x', image: await png(), mask: await maskOf(128, 128, 255) }), 'mask'],
    ['a mask in WebP', async () => ({ prompt: 'x', image: await png(), mask: await canvas(128, 128).webp().toBuffer() }), 'mask'],
    ['a file of no meaning', async () => ({ prompt: 'x', image: await png(), style: await png() }), 'style'],
    ['strength 0', async () => ({ prompt: 'x', image: await png(), strength: '0' }), 'strength'],
    ['strength above 1', async () => ({ prompt: 'x', image: await png(), strength: '1.01' }), 'strength'],
    ['a strength that is no number', async () => ({ prompt: 'x', image: await png(), strength: '' }), 'strength'],
    ['a number in hexadecimal', async () => ({ prompt: 'x', image: await png(), seed: '0x10' }), 'seed'],
    ['no prompt', async () => ({ image: await png() }), 'prompt'],
    ['an unknown parameter', async () => ({ prompt: 'x', image: await png(), input_fidelity: 'high' }), 'input_fidelity'],
    ['a parameter of all objects', async () => ({ prompt: 'x', image: await png(), constructor: 'x' }), 'body'],
  ])('refuses %s, and nothing is begun', async (_name, parts, param) => {
    const pictures = seen.pictures.length;
    const response = await edit((await parts()) as Parts);
    expect(response.status).toBe(400);
    expect(await errorOf(response)).toMatchObject({ param, code: 'invalid_argument', message: expect.any(String) });
    expect(seen.pictures.length).toBe(pictures);
  });

  it('refuses a file above its limit, and takes one at it', async () => {
    work();
    const image = await png();
    // What follows a PNG's end is not read.
    const padded = (bytes: number) => Buffer.concat([image, Buffer.alloc(bytes - image.length)]);
    const limit = 20 * 1024 * 1024;
    expect((await edit({ image: padded(limit), prompt: 'x' })).status).toBe(200);
    const over = await edit({ image: padded(limit + 1), prompt: 'x' });
    expect(over.status).toBe(413);
    expect(await errorOf(over)).toMatchObject({ param: 'image', message: expect.stringContaining('20 MiB') });
    const form = await edit({ image: padded(limit), mask: padded(limit), style: padded(limit), prompt: 'x' });
    expect(form.status).toBe(413);
    expect(await errorOf(form)).toMatchObject({ param: 'body' });
  });

  it.each([
    ['JSON', '{"prompt":"x"}', 'application/json'],
    ['a form without its boundary', 'prompt=x', 'multipart/form-data'],
    [
      'a form that breaks off',
      '--b\r\nContent-Disposition: form-data; name="prompt"\r\n\r\nx',
      'multipart/form-data; boundary=b',
    ],
    ['an empty form', '', 'multipart/form-data; boundary=b'],
  ])('refuses %s', async (_name, body, type) => {
    const response = await send('/v1/images/edits', body, { 'content-type': type });
    expect(response.status).toBe(400);
    expect(await errorOf(response)).toMatchObject({ code: 'invalid_argument' });
  });

  it('refuses a form where none is taken', async () => {
    for (const path of ['/v1/images/generations', '/v1/generations/gen_x/replay']) {
      const response = await send(path, formOf({ prompt: 'x' }));
      expect(await errorOf(response)).toMatchObject({ param: 'body', message: expect.stringContaining('JSON') });
    }
  });

  it('is judged by its tenant’s policy, and at the strictest level: whom the picture shows, nobody knows', async () => {
    const policyDigest = 'sha256:own';
    KEYS.set('dk_own', { tenantId: 'ten_own', keyId: 'key_own', tenant: Tenant.fromPartial({ policyDigest }) });
    const jobs = work();
    seen.levels.length = 0;
    seen.contexts.length = 0;
    const parts = { image: await png(), prompt: 'x', negative_prompt: 'y', moderation: 'low' };
    expect((await edit(parts, { authorization: 'Bearer dk_own' })).status).toBe(200);
    expect(jobs).toEqual([expect.objectContaining({ policyDigest })]);
    expect(seen.levels).toEqual(['auto', 'auto', 'auto']);
    const judgedFor = { tenantId: 'ten_own', keyId: 'key_own', generationId: jobs[0]?.id, image: 0, policyDigest };
    expect(seen.contexts).toEqual([
      { ...judgedFor, stage: 'prompt' },
      { ...judgedFor, stage: 'negative_prompt' },
      { ...judgedFor, stage: 'input_image' },
    ]);
  });

  it('refuses a picture that the moderator refuses, and fails closed without a verdict', async () => {
    const jobs = work();
    const refused = await edit({ image: await png(128, 128, red), prompt: 'x' });
    expect(refused.status).toBe(400);
    expect(await errorOf(refused)).toMatchObject({ code: 'content_policy_violation', param: 'image', category: 'violence' });
    expect((await edit({ image: await png(128, 128, blue), prompt: 'x' })).status).toBe(503);
    moderator.stop();
    expect((await edit({ image: await png(), prompt: 'x' })).status).toBe(503);
    await moderator.start();
    await expect.poll(async () => (await edit({ image: await png(), prompt: 'y' })).status).toBe(200);
    expect(jobs.map(({ prompt }) => prompt)).toEqual(['y']);
  });
});

describe('POST /v1/generations with a form', () => {
  it('begins an edit, which can be made again', async () => {
    const jobs = work();
    const files = { image: await png(), mask: await maskOf(128, 128) };
    const response = await send('/v1/generations', formOf({ ...files, prompt: 'x', strength: '0.8', partial_images: '1' }));
    expect(response.status).toBe(202);
    const { id } = await generationOf(response);
    await expect.poll(async () => (await generationOf(await get(`/v1/generations/${id}`))).status).toBe('succeeded');
    const replay = await generationOf(await send(`/v1/generations/${id}/replay`, '{}', { 'content-type': 'application/json' }));
    const again = async () => await generationOf(await get(`/v1/generations/${replay.id}`));
    await expect.poll(async () => (await again()).status).toBe('succeeded');
    expect(await again()).toMatchObject({ matches: true, replay_of: id });
    const [first, second] = jobs as [GenerationJob, GenerationJob];
    expect(second).toMatchObject({ strength: 0.8, imageBlobKey: editedImageKey(second.id), maskBlobKey: editMaskKey(second.id) });
    expect(await stored(second.imageBlobKey)).toEqual(await stored(first.imageBlobKey));
    expect(await stored(second.maskBlobKey)).toEqual(await stored(first.maskBlobKey));
  });
});

async function animatedWebp(): Promise<Buffer> {
  const frames = Buffer.concat([Buffer.alloc(64 * 64 * 3, 10), Buffer.alloc(64 * 64 * 3, 200)]);
  return await sharp(frames, { raw: { width: 64, height: 128, channels: 3, pageHeight: 64 } })
    .webp({ loop: 0, delay: [100, 100] })
    .toBuffer();
}
