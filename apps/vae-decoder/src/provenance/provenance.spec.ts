/** Marks and manifests as a service puts them in and finds them, in every format. */

import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type DecodeRequest, ImageFormat, ManifestState, toTensorMessage } from '@darkroom/contracts';
import { developmentCertificate, markPayload, type PictureReceipt, pngText, trainedAlgorithmicMedia } from '@darkroom/provenance';
import { temporaryFolder } from '@darkroom/testing';
import { startKmsServer } from '@darkroom/testing/kms';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { startVaeService } from '../vae-service.fixture.js';

const receipt: PictureReceipt = {
  model: 'pocket',
  model_digest: 'sha256:ab',
  scheduler: 'euler',
  shift: 3,
  steps: 20,
  guidance_scale: 4,
  seed: 7,
  width: 256,
  height: 256,
  versions: {},
};
const payload = markPayload(receipt);
/** Latents of a smooth picture of 256 pixels. */
const latents = toTensorMessage({
  dataType: 'float32',
  shape: [1, 16, 16, 16],
  data: Float32Array.from({ length: 16 * 16 * 16 }, (_, i) => Math.sin(i / 9)),
});
const formats = [
  ['png', ImageFormat.IMAGE_FORMAT_PNG],
  ['jpeg', ImageFormat.IMAGE_FORMAT_JPEG],
  ['webp', ImageFormat.IMAGE_FORMAT_WEBP],
] as const;

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let service: Awaited<ReturnType<typeof startVaeService>>;
beforeAll(async () => {
  folder = await temporaryFolder();
  service = await startVaeService({ DARKROOM_STATE_DIR: folder.path });
});
afterAll(async () => {
  await service.stop();
  await folder.remove();
});

const decode = async (format: ImageFormat, at = service) => {
  const request: DecodeRequest = { model: 'pocket', latents, format, quality: 0, kept: undefined, markPayload: payload };
  return (await at.decoder.decode(request)).image;
};
const decodeUnmarked = async (format: ImageFormat) => {
  const request = { model: 'pocket', latents, format, quality: 0, kept: undefined, markPayload: undefined };
  return (await service.decoder.decode(request)).image;
};
const sign = async (image: Buffer, format: ImageFormat, at = service) =>
  (await at.provenance.sign({ image, format, receiptJson: JSON.stringify(receipt) })).image;
const verify = (image: Buffer, at = service) => at.provenance.verify({ image });

describe.each(formats)('a %s of this platform', (name, format) => {
  it('is marked the same way each time, signed, and found to be ours', async () => {
    const decoded = await decode(format);
    expect(await decode(format)).toEqual(decoded);
    const signed = await sign(decoded, format);
    expect(await sign(decoded, format)).toEqual(signed);
    expect(await sharp(signed).raw().toBuffer()).toEqual(await sharp(decoded).raw().toBuffer());
    const found = await verify(signed);
    expect(JSON.parse(found.receiptJson)).toEqual(receipt);
    expect(found).toMatchObject({
      manifest: ManifestState.MANIFEST_STATE_UNTRUSTED,
      issuer: 'Darkroom development',
      problems: [],
      mark: { detected: true, payload },
      markFitsReceipt: true,
    });
  });

  it('says in XMP that a model made it, and a PNG how', async () => {
    const signed = await sign(await decode(format), format);
    const { xmp, format: found } = await sharp(signed).metadata();
    expect(found).toBe(name);
    expect(xmp?.toString()).toContain(`Iptc4xmpExt:DigitalSourceType="${trainedAlgorithmicMedia}"`);
    expect(pngText(signed, 'darkroom:receipt')).toBe(name === 'png' ? JSON.stringify(receipt) : undefined);
  });

  it('still carries its mark when it was saved anew', async () => {
    const signed = await sign(await decode(format), format);
    const { manifest, mark, receiptJson, markFitsReceipt } = await verify(await sharp(signed).jpeg({ quality: 70 }).toBuffer());
    expect({ manifest, receiptJson, markFitsReceipt }).toEqual({
      manifest: ManifestState.MANIFEST_STATE_NONE,
      receiptJson: '',
      markFitsReceipt: undefined,
    });
    expect(mark?.detected).toBe(true);
  });
});

describe('an edit', () => {
  it('is marked where it is drawn anew, and the picture to the bit where it is kept', async () => {
    const kept = { create: { width: 256, height: 256, channels: 3 as const, background: { r: 90, g: 120, b: 60 } } };
    const image = await sharp(kept).png().toBuffer();
    // All but the right eighth is drawn anew.
    const alpha = Buffer.from(Array.from({ length: 256 * 256 * 2 }, (_, i) => ((i >> 1) % 256 < 224 ? 0 : 255)));
    const mask = await sharp(alpha, { raw: { width: 256, height: 256, channels: 2 } })
      .png()
      .toBuffer();
    const request = { model: 'pocket', latents, format: ImageFormat.IMAGE_FORMAT_PNG, quality: 0, markPayload: payload };
    const edited = (await service.decoder.decode({ ...request, kept: { image, mask } })).image;
    const columns = (file: Buffer) => sharp(file).extract({ left: 240, top: 0, width: 16, height: 256 }).raw().toBuffer();
    expect(await columns(edited)).toEqual(await columns(image));
    expect((await verify(edited)).mark).toMatchObject({ detected: true });
  });
});

describe('Verify', () => {
  it('says of another picture that it is none of ours', async () => {
    const image = await sharp(await decodeUnmarked(ImageFormat.IMAGE_FORMAT_PNG))
      .png()
      .toBuffer();
    const found = await verify(image);
    expect(found).toMatchObject({ manifest: ManifestState.MANIFEST_STATE_NONE, issuer: '', receiptJson: '' });
    expect(found.mark).toMatchObject({ detected: false, payload: undefined });
    expect(found.mark?.falsePositiveRate).toBeLessThan(1e-6);
  });

  it('tells a receipt that was taken from another picture', async () => {
    const other = { ...receipt, seed: 8 };
    const image = await decode(ImageFormat.IMAGE_FORMAT_PNG);
    const request = { image, format: ImageFormat.IMAGE_FORMAT_PNG, receiptJson: JSON.stringify(other) };
    const { image: signed } = await service.provenance.sign(request);
    expect(await verify(signed)).toMatchObject({ markFitsReceipt: false });
  });

  it.each([
    ['no picture', Buffer.from('hello')],
    ['half a picture header', Buffer.from('\x89PNG\r\n\x1a\n', 'latin1')],
  ])('refuses %s', async (_, image) => {
    await expect(verify(image)).rejects.toMatchObject({ code: 'invalid_argument', param: 'image' });
  });
});

describe('its secrets', () => {
  it('are kept: another process with the same state folder knows the picture as its own', async () => {
    const signed = await sign(await decode(ImageFormat.IMAGE_FORMAT_JPEG), ImageFormat.IMAGE_FORMAT_JPEG);
    const again = await startVaeService({ DARKROOM_STATE_DIR: folder.path });
    expect(await verify(signed, again)).toMatchObject({ manifest: ManifestState.MANIFEST_STATE_UNTRUSTED, mark: { payload } });
    await again.stop();
  });

  it("are another platform's own: it finds an unknown issuer and no mark", async () => {
    const signed = await sign(await decode(ImageFormat.IMAGE_FORMAT_JPEG), ImageFormat.IMAGE_FORMAT_JPEG);
    const other = await temporaryFolder();
    const stranger = await startVaeService({ DARKROOM_STATE_DIR: other.path });
    const found = await verify(signed, stranger);
    expect(found).toMatchObject({ manifest: ManifestState.MANIFEST_STATE_OTHER_ISSUER, receiptJson: '' });
    expect(found.mark?.detected).toBe(false);
    await stranger.stop();
    await other.remove();
  });

  it("may be the operator's, whose certificate is trusted", async () => {
    const { certificates, key } = await developmentCertificate();
    const files = [join(folder.path, 'certificate.pem'), join(folder.path, 'key.pem')] as const;
    await Promise.all([writeFile(files[0], certificates), writeFile(files[1], key)]);
    const environment = {
      PROVENANCE_CERTIFICATE: files[0],
      PROVENANCE_PRIVATE_KEY: files[1],
      WATERMARK_KEY: 'a secret of this spec',
    };
    const certified = await startVaeService({ DARKROOM_STATE_DIR: folder.path, ...environment });
    const image = await decode(ImageFormat.IMAGE_FORMAT_PNG, certified);
    expect(await verify(await sign(image, ImageFormat.IMAGE_FORMAT_PNG, certified), certified)).toMatchObject({
      manifest: ManifestState.MANIFEST_STATE_VALID,
      mark: { payload },
    });
    const [, left] = /darkroom_certificate_left_seconds\{[^}]*\} (\S+)/.exec(await certified.metrics()) ?? [];
    // The certificate is for ten years.
    expect(Number(left) / (365 * 24 * 60 * 60)).toBeCloseTo(10, 0);
    await certified.stop();
    const mixed = { ...environment, PROVENANCE_PRIVATE_KEY: join(folder.path, 'absent.pem') };
    await expect(startVaeService({ DARKROOM_STATE_DIR: folder.path, ...mixed })).rejects.toThrow('PROVENANCE_CERTIFICATE');
    const half = { PROVENANCE_CERTIFICATE: files[0] };
    await expect(startVaeService({ DARKROOM_STATE_DIR: folder.path, ...half })).rejects.toThrow('belong together');
  });

  it('may be in a key management service; while that is away, nothing is signed', async () => {
    const kms = await startKmsServer('es256');
    const certificate = join(folder.path, 'kms-certificate.pem');
    await writeFile(certificate, kms.certificates);
    vi.stubEnv('AWS_ACCESS_KEY_ID', 'test').stubEnv('AWS_SECRET_ACCESS_KEY', 'test');
    const environment = {
      DARKROOM_STATE_DIR: folder.path,
      PROVENANCE_CERTIFICATE: certificate,
      PROVENANCE_KMS_KEY_ID: kms.keyId,
      PROVENANCE_KMS_ENDPOINT: kms.endpoint,
    };
    const both = { ...environment, PROVENANCE_PRIVATE_KEY: certificate };
    await expect(startVaeService(both)).rejects.toThrow('two places for one key');
    const remote = await startVaeService(environment);
    const image = await decode(ImageFormat.IMAGE_FORMAT_PNG, remote);
    const signed = await sign(image, ImageFormat.IMAGE_FORMAT_PNG, remote);
    expect(await verify(signed, remote)).toMatchObject({ manifest: ManifestState.MANIFEST_STATE_VALID, issuer: 'Operator' });
    await vi.waitFor(async () => expect(await remote.missing()).toEqual({}), { timeout: 30_000 });
    await kms.stop();
    await expect(sign(image, ImageFormat.IMAGE_FORMAT_PNG, remote)).rejects.toMatchObject({ code: 'unavailable' });
    await remote.stop();
    vi.unstubAllEnvs();
  });

  it('are not used where provenance is off', async () => {
    const off = await startVaeService({ DARKROOM_STATE_DIR: folder.path, PROVENANCE: 'off' });
    const image = await decode(ImageFormat.IMAGE_FORMAT_PNG, off);
    expect(image).toEqual(await decodeUnmarked(ImageFormat.IMAGE_FORMAT_PNG));
    expect(await sign(image, ImageFormat.IMAGE_FORMAT_PNG, off)).toEqual(image);
    await off.stop();
  });
});
