/** Encoding as a service serves it, whole and in tiles, on pictures of the repository. */
import { cp, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type EncodeImageRequest, fromTensorMessage, ImageFormat } from '@darkroom/contracts';
import { temporaryFolder } from '@darkroom/testing';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { startVaeService } from './vae-service.fixture.js';

// Large pictures take seconds, and more on a machine that has other work too.
vi.setConfig({ testTimeout: 120_000 });

const sheet = fileURLToPath(new URL('../../../docs/images/samples.png', import.meta.url));
/** Where pictures of 128 pixels stand on the sheet: an apple, a cat, a snowman. */
const corners = [
  [416, 8],
  [552, 8],
  [416, 174],
] as const;

let service: Awaited<ReturnType<typeof startVaeService>>;
let tiling: typeof service;
let pictures: readonly Buffer[];
beforeAll(async () => {
  [service, tiling] = await Promise.all([startVaeService(), startVaeService({ VAE_MEMORY_LIMIT_BYTES: String(32 * 2 ** 20) })]);
  const cut = ([left, top]: readonly [number, number]) =>
    sharp(sheet).extract({ left, top, width: 128, height: 128 }).png().toBuffer();
  pictures = await Promise.all(corners.map(cut));
});
afterAll(() => Promise.all([service.stop(), tiling.stop()]));

const request = (overrides: Partial<EncodeImageRequest> = {}): EncodeImageRequest => ({
  model: 'pocket',
  image: pictures[0] as Buffer,
  width: 256,
  height: 256,
  seed: undefined,
  mask: Buffer.alloc(0),
  ...overrides,
});
const pixels = async (file: Buffer, side: number) => await sharp(file).resize(side, side).removeAlpha().raw().toBuffer();
const decode = async (from: typeof service, latents: Awaited<ReturnType<typeof service.encoder.encodeImage>>['latents']) =>
  await from.decoder.decode({ model: 'pocket', latents, format: ImageFormat.IMAGE_FORMAT_PNG, quality: 0, kept: undefined });

/** Peak signal-to-noise ratio in dB: 10 log10(255^2 / mean squared error). */
function psnr(a: Uint8Array, b: Uint8Array): number {
  const sum = a.reduce((total, value, i) => total + (value - (b[i] as number)) ** 2, 0);
  return 10 * Math.log10((255 ** 2 * a.length) / sum);
}

describe('EncodeImage', () => {
  it('gives latents that decode to the picture, at 30 dB', async () => {
    for (const image of pictures) {
      const { latents, kernelMs, decodeMs, tile } = await service.encoder.encodeImage(request({ image }));
      expect(latents?.shape).toEqual([1, 16, 16, 16]);
      expect(kernelMs).toBeGreaterThan(0);
      expect(decodeMs).toBeGreaterThan(0);
      expect(tile).toBeUndefined();
      const decoded = await decode(service, latents);
      expect(psnr(await pixels(decoded.image, 256), await pixels(image, 256))).toBeGreaterThan(30);
    }
  });

  it('gives the same bytes each time, whatever the seed, since this VAE has nothing but means', async () => {
    const encode = async (seed?: number) =>
      fromTensorMessage((await service.encoder.encodeImage(request({ seed }))).latents, 'latents');
    expect(await encode()).toEqual(await encode());
    expect(await encode(7)).toEqual(await encode());
  });

  it.each([512, 768, 1024])('and Decode give the same in tiles at %d pixels, to 75 dB', async (side) => {
    const image = pictures[side % 3] as Buffer;
    const [whole, tiled] = await Promise.all(
      [service, tiling].map(async (from) => {
        const { latents, tile: encodedIn } = await from.encoder.encodeImage(request({ image, width: side, height: side }));
        const decoded = await decode(from, latents);
        return { encodedIn, decodedIn: decoded.tile, pixels: await pixels(decoded.image, side) };
      }),
    );
    expect(whole).toMatchObject({ encodedIn: undefined, decodedIn: undefined });
    // 32 MiB are room for 362 pixels when decoding, and 724 when encoding.
    expect(tiled?.decodedIn).toMatchObject({ overlap: 128 });
    expect(tiled?.decodedIn?.width).toBeLessThanOrEqual(362);
    expect(tiled?.encodedIn !== undefined).toBe(side > 724);
    expect(psnr(whole?.pixels as Uint8Array, tiled?.pixels as Uint8Array)).toBeGreaterThan(75);
  });

  it('brings a mask to the resolution of the latents', async () => {
    // All opaque but for one pixel, which lies in the third column and the second row of positions.
    const alpha = Buffer.alloc(64 * 64 * 2, 255);
    alpha[(20 * 64 + 40) * 2 + 1] = 0;
    const mask = await sharp(alpha, { raw: { width: 64, height: 64, channels: 2 } })
      .png()
      .toBuffer();
    const small = { width: 64, height: 64 };
    const { mask: latentMask } = await service.encoder.encodeImage(request({ ...small, mask }));
    expect(fromTensorMessage(latentMask, 'mask')).toEqual({
      dataType: 'float32',
      shape: [1, 1, 4, 4],
      data: Float32Array.from({ length: 16 }, (_, i) => (i === 6 ? 1 : 0)),
    });
    expect((await service.encoder.encodeImage(request(small))).mask).toBeUndefined();
    await expect(service.encoder.encodeImage(request({ mask }))).rejects.toMatchObject({
      code: 'invalid_argument',
      param: 'mask',
    });
  });

  it('loads an encoder when it is first asked for, and verifies it then', async () => {
    const folder = await temporaryFolder();
    await cp(fileURLToPath(new URL('../../../models/pocket', import.meta.url)), join(folder.path, 'pocket'), { recursive: true });
    const graph = join(folder.path, 'pocket', 'vae_encoder', 'model.onnx');
    const bytes = await readFile(graph);
    await writeFile(graph, bytes.subarray(1));
    const damaged = await startVaeService({ MODELS_DIR: folder.path });
    try {
      await expect.poll(() => damaged.connection.missing(), { timeout: 30_000 }).toBeUndefined();
      await expect(damaged.encoder.encodeImage(request())).rejects.toMatchObject({ code: 'model_damaged' });
      await writeFile(graph, bytes);
      expect((await damaged.encoder.encodeImage(request())).latents?.shape).toEqual([1, 16, 16, 16]);
    } finally {
      await damaged.stop();
      await folder.remove();
    }
  });

  it.each([
    ['model', 'not_found', { model: 'absent' }],
    ['width', 'invalid_argument', { width: 0 }],
    ['width', 'invalid_argument', { width: 250 }],
    ['height', 'invalid_argument', { height: 2064 }],
    ['image', 'invalid_argument', { image: Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"/>') }],
    ['image', 'invalid_argument', { image: Buffer.alloc(0) }],
  ])('refuses a wrong %s with %s', async (param, code, overrides) => {
    await expect(service.encoder.encodeImage(request(overrides))).rejects.toMatchObject({ code, param });
  });
});
