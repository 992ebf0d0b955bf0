/** Decoding as a service serves it. */
import { type DecodeRequest, ImageFormat, toTensorMessage } from '@darkroom/contracts';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startVaeService } from './vae-service.fixture.js';

let service: Awaited<ReturnType<typeof startVaeService>>;
beforeAll(async () => {
  service = await startVaeService();
});
afterAll(() => service.stop());

/** Latents of a smooth picture, 96 pixels wide and 64 high. */
const latents = toTensorMessage({
  dataType: 'float32',
  shape: [1, 16, 4, 6],
  data: Float32Array.from({ length: 16 * 4 * 6 }, (_, i) => Math.sin(i / 9)),
});
const request = (overrides: Partial<DecodeRequest> = {}): DecodeRequest => ({
  model: 'pocket',
  latents,
  format: ImageFormat.IMAGE_FORMAT_PNG,
  quality: 0,
  kept: undefined,
  ...overrides,
});
const decode = (overrides?: Partial<DecodeRequest>) => service.decoder.decode(request(overrides));

describe('Decode', () => {
  it('is ready once its models are loaded', async () => {
    await expect.poll(() => service.connection.missing(), { timeout: 30_000 }).toBeUndefined();
  });

  it.each([
    ['png', ImageFormat.IMAGE_FORMAT_PNG],
    ['jpeg', ImageFormat.IMAGE_FORMAT_JPEG],
    ['webp', ImageFormat.IMAGE_FORMAT_WEBP],
  ])('gives a %s of the right size, the same bytes each time', async (name, format) => {
    const { image, width, height, kernelMs, encodeMs, tile } = await decode({ format });
    const metadata = await sharp(image).metadata();
    expect(metadata).toMatchObject({ format: name, width: 96, height: 64, channels: 3 });
    expect([width, height]).toEqual([96, 64]);
    expect(kernelMs).toBeGreaterThan(0);
    expect(encodeMs).toBeGreaterThan(0);
    expect(tile).toBeUndefined();
    expect(Buffer.compare((await decode({ format })).image, image)).toBe(0);
  });

  it('shows the same picture in every format', async () => {
    const pixels = async (format: ImageFormat) =>
      await sharp((await decode({ format })).image)
        .raw()
        .toBuffer();
    const png = await pixels(ImageFormat.IMAGE_FORMAT_PNG);
    for (const lossy of [ImageFormat.IMAGE_FORMAT_JPEG, ImageFormat.IMAGE_FORMAT_WEBP]) {
      const other = await pixels(lossy);
      const error = png.reduce((sum, value, i) => sum + Math.abs(value - (other[i] ?? 0)), 0) / png.length;
      expect(error).toBeLessThan(16);
    }
  });

  it.each([ImageFormat.IMAGE_FORMAT_JPEG, ImageFormat.IMAGE_FORMAT_WEBP])(
    'writes format %i as coarsely as it is asked to, the same bytes each time',
    async (format) => {
      const sizes: number[] = [];
      for (const quality of [1, 50, 100]) {
        const { image } = await decode({ format, quality });
        expect(Buffer.compare((await decode({ format, quality })).image, image)).toBe(0);
        sizes.push(image.length);
      }
      expect(sizes).toEqual(sizes.toSorted((a, b) => a - b));
      expect(new Set(sizes).size).toBe(3);
      const [usual, same] = await Promise.all([decode({ format }), decode({ format, quality: 92 })]);
      expect(Buffer.compare(usual.image, same.image)).toBe(0);
    },
  );

  it('lays what is kept of a picture over the image, to the bit away from what is drawn anew', async () => {
    const pixels = Buffer.from(Array.from({ length: 96 * 64 * 3 }, (_, i) => (i * 7919) % 251));
    const image = await sharp(pixels, { raw: { width: 96, height: 64, channels: 3 } })
      .png()
      .toBuffer();
    // The left half is transparent.
    const alpha = Buffer.from(Array.from({ length: 96 * 64 * 2 }, (_, i) => ((i >> 1) % 96 < 48 ? 0 : 255)));
    const mask = await sharp(alpha, { raw: { width: 96, height: 64, channels: 2 } })
      .png()
      .toBuffer();
    const raw = async ({ image: file }: { image: Buffer }) => await sharp(file).raw().toBuffer();
    const [edited, drawn] = [await raw(await decode({ kept: { image, mask } })), await raw(await decode())];
    const columns = (from: Buffer, first: number, end: number) =>
      Array.from({ length: 64 }, (_, y) => [...from.subarray((y * 96 + first) * 3, (y * 96 + end) * 3)]);
    expect(columns(edited, 0, 48)).toEqual(columns(drawn, 0, 48));
    expect(columns(edited, 56, 96)).toEqual(columns(pixels, 56, 96));
    await expect(decode({ kept: { image, mask: image } })).rejects.toMatchObject({ code: 'invalid_argument', param: 'mask' });
  });

  it.each([
    ['quality', 'invalid_argument', { format: ImageFormat.IMAGE_FORMAT_JPEG, quality: 101 }],
    ['quality', 'invalid_argument', { format: ImageFormat.IMAGE_FORMAT_PNG, quality: 50 }],
    ['model', 'not_found', { model: 'absent' }],
    ['format', 'invalid_argument', { format: ImageFormat.IMAGE_FORMAT_UNSPECIFIED }],
    ['latents', 'invalid_argument', { latents: undefined }],
    ['latents', 'invalid_argument', { latents: { ...latents, shape: [1, 8, 8, 6] } }],
    ['latents', 'invalid_argument', { latents: { ...latents, shape: [1, 16, 4, 7] } }],
  ])('refuses a wrong %s with %s', async (param, code, overrides) => {
    await expect(decode(overrides)).rejects.toMatchObject({ code, param });
  });

  it('tells its kernel time in its metrics', async () => {
    await decode();
    const text = await service.metrics();
    expect(text).toMatch(/darkroom_kernel_seconds_count\{[^}]*model="pocket"[^}]*\} [1-9]/);
    expect(text).toMatch(/darkroom_image_encode_seconds_count\{[^}]*\} [1-9]/);
  });
});

describe('its configuration', () => {
  it('does not start with what this machine has not', async () => {
    await expect(startVaeService({ EXECUTION_PROVIDER: 'cpu', DEVICE_ID: '1' })).rejects.toMatchObject({
      name: 'ConfigError',
      message: 'DEVICE_ID: a device id is for cuda and tensorrt, not for cpu',
    });
  });

  it('is never ready where its model has no graph of the precision that was asked for', async () => {
    const half = await startVaeService({ PRECISION: 'fp16' });
    const missing = 'model pocket has no fp16 graph: vae_decoder/model_fp16.onnx is not in digests.json';
    await expect.poll(() => half.missing()).toEqual({ 'model pocket': missing });
    await half.stop();
  });
});
