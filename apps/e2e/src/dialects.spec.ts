/** The dialects that clients speak, by clients that know nothing of the platform: OpenAI's own library, curl, and Azure's shape. */
import { execFile } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import { type ImagesResponseBody, imagesResponseBody } from '@darkroom/contracts/http';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { contrast, decodeImage, difference, type Pixels } from './images.js';
import { TestPlatform } from './platform.js';

let platform: TestPlatform;

beforeAll(async () => {
  platform = await TestPlatform.start();
});

afterAll(() => platform.dispose());

const star = 'a yellow star on a black background';

const bytesOf = (base64: string | null | undefined) => Buffer.from(base64 ?? '', 'base64');

/** Decodes an answer's only image, which must be a PNG that shows something. */
async function shown(base64: string | null | undefined, width: number, height: number): Promise<Pixels> {
  const image = await decodeImage(bytesOf(base64));
  expect(image).toMatchObject({ format: 'png', width, height });
  expect(contrast(image)).toBeGreaterThan(5);
  return image;
}

/** Runs curl as a shell would, and returns the answer's status and JSON. */
async function curl(route: string, ...options: string[]): Promise<{ status: number; body: unknown }> {
  const { stdout } = await promisify(execFile)(
    'curl',
    ['--silent', '--show-error', '--write-out', '\n%{http_code}', ...options, platform.url + route],
    { maxBuffer: 16 * 1024 * 1024 },
  );
  const end = stdout.lastIndexOf('\n');
  return { status: Number(stdout.slice(end + 1)), body: JSON.parse(stdout.slice(0, end)) };
}

const withKey = (): string[] => ['--header', `Authorization: Bearer ${platform.apiKey}`];
const withAzureKey = (): string[] => ['--header', `api-key: ${platform.apiKey}`];
const sending = (body: object): string[] => ['--header', 'content-type: application/json', '--data', JSON.stringify(body)];

describe('the official openai client', () => {
  it('gets an image, and a receipt whose seed makes it again', async () => {
    const images = platform.openai().images;
    const parameters = { model: 'pocket', prompt: star, size: '256x256', response_format: 'b64_json' } as const;
    const first = await images.generate(parameters);
    await shown(first.data?.[0]?.b64_json, 256, 256);
    const { receipt } = first as unknown as ImagesResponseBody;
    expect(receipt).toMatchObject({ model: 'pocket', width: 256, height: 256 });
    // What its types don't know it sends all the same.
    const again = await images.generate({ ...parameters, seed: receipt.seed } as typeof parameters);
    expect(bytesOf(again.data?.[0]?.b64_json).equals(bytesOf(first.data?.[0]?.b64_json))).toBe(true);
  });

  it('is shown an image while it develops, and then as it is', async () => {
    const parameters = { prompt: star, size: '256x256', stream: true, partial_images: 2, steps: 40 } as const;
    const events = [];
    for await (const event of await platform.openai().images.generate(parameters)) events.push(event);
    const last = events.pop();
    if (last?.type !== 'image_generation.completed') throw new Error(`the last event is ${last?.type}`);
    const image = await shown(last.b64_json, 256, 256);
    expect(last.usage.output_tokens).toBe(64);
    expect(events.length).toBeGreaterThan(0);
    expect(events.length).toBeLessThanOrEqual(2);
    for (const event of events) {
      expect(event.type).toBe('image_generation.partial_image');
      // A picture of its own, on the way to the image.
      const partial = await decodeImage(bytesOf(event.b64_json));
      expect(partial).toMatchObject({ format: 'png', width: 256, height: 256 });
      expect(difference(partial, image)).toBeGreaterThan(0);
      expect(difference(partial, image)).toBeLessThan(60);
    }
  });

  it('edits a picture, all of it or what a mask uncovers', async () => {
    const { images } = platform.openai();
    const made = await images.generate({ prompt: 'a red apple on a blue background', size: '128x128' });
    const before = bytesOf(made.data?.[0]?.b64_json);
    const file = (bytes: Buffer) => new File([new Uint8Array(bytes)], 'picture.png', { type: 'image/png' });
    const parameters = { image: file(before), prompt: 'a green apple on a blue background', size: 'auto' } as const;

    const whole = await images.edit(parameters);
    const original = await decodeImage(before);
    expect(difference(await shown(whole.data?.[0]?.b64_json, 128, 128), original)).toBeGreaterThan(1);
    expect((whole as unknown as ImagesResponseBody).receipt.image_sha256).toMatch(/[0-9a-f]{64}$/);

    const masked = await images.edit({ ...parameters, mask: file(await uncoveringTheRight(128)) });
    const after = await shown(masked.data?.[0]?.b64_json, 128, 128);
    const [left, right] = [columnsDiffer(after, original, 0, 48), columnsDiffer(after, original, 64, 128)];
    expect(left).toBe(0);
    expect(right).toBeGreaterThan(1);
  });
});

describe('curl', () => {
  it('gets an image by two headers and a line of JSON', async () => {
    const { status, body } = await curl('/v1/images/generations', ...withKey(), ...sending({ prompt: star }));
    expect(status).toBe(200);
    await shown(imagesResponseBody.parse(body).data[0]?.b64_json, 256, 256);
  });

  it('is told what is wrong', async () => {
    const { status, body } = await curl('/v1/images/generations', ...withKey(), ...sending({ prompt: star, sise: '256x256' }));
    expect(status).toBe(400);
    expect(body).toMatchObject({ error: { param: 'sise', type: 'invalid_request_error' } });
  });
});

describe('the shape of Azure’s MAI image API', () => {
  const route = '/mai/v1/images/generations';

  it('gives the image that the same request in OpenAI’s gives', async () => {
    const asked = { model: 'pocket', prompt: star, width: 320, height: 192 };
    const { status, body } = await curl(route, ...withAzureKey(), ...sending(asked));
    expect(status).toBe(200);
    const { data, receipt } = imagesResponseBody.parse(body);
    await shown(data[0]?.b64_json, 320, 192);
    const same = await platform.post({ model: 'pocket', prompt: star, size: '320x192', seed: receipt.seed });
    const { data: other } = imagesResponseBody.parse(await same.json());
    expect(data[0]?.b64_json === other[0]?.b64_json).toBe(true);
  });

  it('is closed without a key, and names what it doesn’t take', async () => {
    const asked = { model: 'pocket', prompt: star, width: 320, height: 192 };
    expect((await curl(route, ...sending(asked))).status).toBe(401);
    const { status, body } = await curl(route, ...withAzureKey(), ...sending({ ...asked, width: 100 }));
    expect(status).toBe(400);
    expect(body).toMatchObject({ error: { param: 'width', message: expect.stringContaining('multiple of 32 from 64 to 1024') } });
  });

  it('leaves no key in the logs', () => {
    const folder = path.join(platform.stateDir, 'logs');
    for (const file of readdirSync(folder)) {
      expect(readFileSync(path.join(folder, file), 'utf8').includes(platform.apiKey), file).toBe(false);
    }
  });
});

/** A mask that uncovers the right half of a square picture. */
async function uncoveringTheRight(side: number): Promise<Buffer> {
  const pixels = Buffer.alloc(side * side * 4, 255);
  for (let i = 0; i < side * side; i++) if (i % side >= side / 2) pixels[4 * i + 3] = 0;
  return await sharp(pixels, { raw: { width: side, height: side, channels: 4 } })
    .png()
    .toBuffer();
}

/** Mean absolute difference between two images over the columns from one to another. */
function columnsDiffer(a: Pixels, b: Pixels, from: number, to: number): number {
  const columns = ({ width, data }: Pixels) =>
    data.filter((_, i) => Math.floor(i / 3) % width >= from && Math.floor(i / 3) % width < to);
  const [these, those] = [columns(a), columns(b)];
  return these.reduce((sum, value, i) => sum + Math.abs(value - (those[i] ?? 0)), 0) / these.length;
}
