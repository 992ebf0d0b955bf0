/** Manifests in real files, read by two implementations of C2PA. */
import { generateKeyPairSync, sign } from 'node:crypto';
import { crc32 } from 'node:zlib';
import { type Asset, JPEG, PNG } from '@trustnxt/c2pa-ts/asset';
import { SuperBox } from '@trustnxt/c2pa-ts/jumbf';
import { ManifestStore, ValidationStatusCode } from '@trustnxt/c2pa-ts/manifest';
import sharp from 'sharp';
import { beforeAll, describe, expect, it } from 'vitest';
import type { PictureReceipt } from '../receipt.js';
import { developmentCertificate } from './development-certificate.js';
import { Manifests } from './manifests.js';
import { keySigner } from './signer.js';

const receipt: PictureReceipt = {
  model: 'pocket',
  model_digest: 'sha256:ab',
  scheduler: 'euler',
  shift: 3,
  steps: 20,
  guidance_scale: 4,
  seed: 7,
  width: 64,
  height: 48,
  versions: {},
};
const pixels = Buffer.from(Array.from({ length: 64 * 48 * 3 }, (_, i) => (i * 31) % 256));
const picture = (rgb = pixels) => sharp(rgb, { raw: { width: 64, height: 48, channels: 3 } });
const formats = ['png', 'jpeg', 'webp'] as const;
const fileOf = (format: (typeof formats)[number], rgb?: Buffer<ArrayBuffer>) => picture(rgb)[format]().toBuffer();

let manifests: Manifests;
let stranger: Manifests;
beforeAll(async () => {
  const make = async () => {
    const { certificates, key } = await developmentCertificate();
    return new Manifests({ version: '1.2.3', signer: keySigner(certificates, key) });
  };
  [manifests, stranger] = await Promise.all([make(), make()]);
});

/** Lists a PNG's chunks, whole. */
function chunks(file: Buffer): Buffer[] {
  const found: Buffer[] = [];
  for (let at = 8; at < file.length; ) {
    const end = at + 12 + file.readUInt32BE(at);
    found.push(file.subarray(at, end));
    at = end;
  }
  return found;
}
const typeOf = (chunk: Buffer) => chunk.toString('latin1', 4, 8);

describe.each(formats)('a signed %s', (format) => {
  it('is ours, tells what it was made from, and shows the same picture', async () => {
    const file = await fileOf(format);
    const signed = await manifests.sign(file, `image/${format}`, receipt);
    expect(await manifests.read(signed, `image/${format}`)).toEqual({
      state: 'ours',
      issuer: 'Darkroom development',
      problems: [],
      receipt,
    });
    expect(await sharp(signed).raw().toBuffer()).toEqual(await sharp(file).raw().toBuffer());
    expect(signed.length - file.length).toBeLessThan(16_384);
  });

  it('is the same file whenever it is signed, and another when it was made otherwise', async () => {
    const file = await fileOf(format);
    const signed = await manifests.sign(file, `image/${format}`, receipt);
    expect(await manifests.sign(file, `image/${format}`, receipt)).toEqual(signed);
    const other = await manifests.sign(file, `image/${format}`, { ...receipt, seed: 8 });
    expect(other.equals(signed)).toBe(false);
    expect(await sharp(other).raw().toBuffer()).toEqual(await sharp(signed).raw().toBuffer());
  });

  it("is somebody else's to another platform", async () => {
    const signed = await manifests.sign(await fileOf(format), `image/${format}`, receipt);
    expect(await stranger.read(signed, `image/${format}`)).toEqual({
      state: 'other_issuer',
      issuer: 'Darkroom development',
      problems: [],
      receipt: undefined,
    });
  });

  it('has none before it is signed', async () => {
    expect((await manifests.read(await fileOf(format), `image/${format}`)).state).toBe('none');
  });

  it('is invalid when a byte of it changed', async () => {
    const signed = await manifests.sign(await fileOf(format), `image/${format}`, receipt);
    // In WebP the manifest is last, in the others it comes first.
    const at = format === 'webp' ? 200 : signed.length - 40;
    signed[at] = (signed[at] as number) ^ 1;
    const { state, problems } = await manifests.read(signed, `image/${format}`);
    expect([state, problems]).toEqual(['invalid', ['assertion.dataHash.mismatch']]);
  });
});

describe('a manifest', () => {
  it('does not fit a picture with one other pixel', async () => {
    const signed = await manifests.sign(await fileOf('png'), 'image/png', receipt);
    const rgb = Buffer.from(pixels);
    rgb[5000] = (rgb[5000] as number) ^ 1;
    const drawn = chunks(await fileOf('png', rgb)).filter((chunk) => typeOf(chunk) === 'IDAT');
    const kept = chunks(signed);
    const first = kept.findIndex((chunk) => typeOf(chunk) === 'IDAT');
    const others = (from: number, end?: number) => kept.slice(from, end).filter((chunk) => typeOf(chunk) !== 'IDAT');
    const changed = Buffer.concat([signed.subarray(0, 8), ...others(0, first), ...drawn, ...others(first)]);
    expect(await sharp(changed).raw().toBuffer()).toEqual(rgb);
    expect(await manifests.read(changed, 'image/png')).toMatchObject({ state: 'invalid', receipt: undefined });
  });

  it('does not hold when what it says was changed', async () => {
    const signed = await manifests.sign(await fileOf('png'), 'image/png', receipt);
    const at = signed.indexOf('trainedAlgorithmicMedia');
    signed.write('digitalCapture', at);
    const box = chunks(signed).find((chunk) => typeOf(chunk) === 'caBX') as Buffer;
    box.writeUInt32BE(crc32(box.subarray(4, -4)), box.length - 4);
    expect((await manifests.read(signed, 'image/png')).state).toBe('invalid');
  });

  it('is invalid when it is cut short', async () => {
    const signed = await manifests.sign(await fileOf('png'), 'image/png', receipt);
    const at = signed.indexOf('caBX');
    signed.fill(0, at + 20, at + 60);
    expect((await manifests.read(signed, 'image/png')).state).toBe('invalid');
  });

  it('is still ours after the certificate was changed, when the earlier one is named', async () => {
    const [before, after] = await Promise.all([developmentCertificate(), developmentCertificate()]);
    const old = new Manifests({ version: '1', signer: keySigner(before.certificates, before.key) });
    const signed = await old.sign(await fileOf('png'), 'image/png', receipt);
    const signer = keySigner(after.certificates, after.key);
    const [forgetful, other] = [undefined, before.certificates].map(
      (earlierCertificates) => new Manifests({ version: '1', signer, earlierCertificates }),
    );
    expect((await forgetful?.read(signed, 'image/png'))?.state).toBe('other_issuer');
    expect((await other?.read(signed, 'image/png'))?.state).toBe('ours');
  });

  it('is not made when the signer fails', async () => {
    const { certificates } = await developmentCertificate();
    const signer = {
      algorithm: 'ed25519' as const,
      signatureBytes: 64,
      certificates,
      sign: () => Promise.reject(new Error('the key service is away')),
    };
    const broken = new Manifests({ version: '1', signer });
    await expect(broken.sign(await fileOf('png'), 'image/png', receipt)).rejects.toThrow('the key service is away');
  });

  it('is not taken from another key than the certificate says', async () => {
    const { certificates } = await developmentCertificate();
    const { privateKey } = generateKeyPairSync('ed25519');
    const kind = { algorithm: 'ed25519' as const, signatureBytes: 64 };
    const signer = { ...kind, certificates, sign: async (bytes: Buffer) => sign(null, bytes, privateKey) };
    const forger = new Manifests({ version: '1', signer });
    const signed = await forger.sign(await fileOf('png'), 'image/png', receipt);
    expect(await forger.read(signed, 'image/png')).toMatchObject({ state: 'invalid', problems: ['claimSignature.mismatch'] });
  });

  it.each([
    ['png', PNG],
    ['jpeg', JPEG],
  ] as const)(
    'of a %s is read by another implementation, which finds nothing wrong but the unknown issuer',
    async (format, Format) => {
      const signed = await manifests.sign(await fileOf(format), `image/${format}`, receipt);
      const asset: Asset = new Format(signed);
      const store = ManifestStore.read(SuperBox.fromBuffer(Uint8Array.from(asset.getManifestJUMBF() ?? [])));
      const { statusEntries } = await store.validate(asset);
      const failed = statusEntries.filter(({ success }) => success === false).map(({ code }) => code);
      expect(failed.filter((code) => code !== ValidationStatusCode.SigningCredentialUntrusted)).toEqual([]);
      expect(statusEntries.map(({ code }) => code)).toContain(ValidationStatusCode.AssertionDataHashMatch);
      const action = JSON.stringify(store.getActiveManifest()?.assertions);
      expect(action).toContain('c2pa.created');
      expect(action).toContain('http://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia');
    },
  );
});
