/** Manifests signed with keys that a key management service keeps, over real HTTP. */
import { generateKeyPairSync, verify, X509Certificate } from 'node:crypto';
import { type KmsServer, startKmsServer } from '@darkroom/testing/kms';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { developmentCertificate } from './development-certificate.js';
import { kmsSigner } from './kms-signer.js';
import { Manifests } from './manifests.js';

beforeAll(() => void vi.stubEnv('AWS_ACCESS_KEY_ID', 'test').stubEnv('AWS_SECRET_ACCESS_KEY', 'test'));
afterAll(() => void vi.unstubAllEnvs());

const receipt = { ...Object.fromEntries(['model', 'model_digest', 'scheduler'].map((name) => [name, 'x'])), seed: 7 } as never;

describe.each([
  ['es256', 'sha256', 64],
  ['es384', 'sha384', 96],
] as const)('a key for %s', (kind, digest, signatureBytes) => {
  let kms: KmsServer;
  beforeAll(async () => {
    kms = await startKmsServer(kind);
  });
  afterAll(() => kms.stop());
  const signer = (certificates = kms.certificates, keyId = kms.keyId) =>
    kmsSigner(certificates, { keyId, region: 'eu-central-1', endpoint: kms.endpoint });

  it('signs what its certificate verifies, in the form that COSE has', async () => {
    const { publicKey } = new X509Certificate(kms.certificates);
    for (let i = 0; i < 20; i += 1) {
      const bytes = Buffer.from(`claim ${i}`);
      const signature = await signer().sign(bytes);
      // Also where a number begins with zeros, which ASN.1 leaves out.
      expect(signature).toHaveLength(signatureBytes);
      expect(verify(digest, bytes, { key: publicKey, dsaEncoding: 'ieee-p1363' }, signature)).toBe(true);
    }
  });

  it('signs a picture with one call, and the picture is ours', async () => {
    const before = kms.calls.length;
    const manifests = new Manifests({ version: '1.0.0', signer: signer() });
    const background = { r: 9, g: 99, b: 199 };
    const picture = await sharp({ create: { width: 64, height: 48, channels: 3, background } })
      .png()
      .toBuffer();
    const signed = await manifests.sign(picture, 'image/png', receipt);
    expect(kms.calls.slice(before)).toEqual(['Sign']);
    expect(await manifests.read(signed, 'image/png')).toMatchObject({ state: 'ours', issuer: 'Operator', problems: [], receipt });
  });

  it('is known to be the certificate’s, or not', async () => {
    expect(await signer().problem()).toBeUndefined();
    const other = await startKmsServer(kind);
    expect(await signer(other.certificates).problem()).toMatch(/not the certificate's/);
    await other.stop();
    expect(await signer(kms.certificates, 'key-of-nobody').problem()).toMatch(/no such key/);
  });

  it('that does not answer is told as unavailable, and asked for again', async () => {
    const one = signer();
    kms.failWith = 500;
    expect(await one.problem()).toMatch(/does not answer/);
    await expect(one.sign(Buffer.from('x'))).rejects.toMatchObject({ code: 'unavailable' });
    kms.failWith = undefined;
    expect(await one.problem()).toBeUndefined();
    expect(await one.sign(Buffer.from('x'))).toHaveLength(signatureBytes);
  });
});

it('refuses certificates whose keys such a service does not keep for claims', async () => {
  const { certificates } = await developmentCertificate();
  expect(() => kmsSigner(certificates, { keyId: 'x', region: 'x' })).toThrow('must be ECDSA with P-256 or P-384, or RSA');
  const { publicKey } = generateKeyPairSync('ed25519');
  expect(() => kmsSigner(publicKey.export({ type: 'spki', format: 'pem' }).toString(), { keyId: 'x', region: 'x' })).toThrow(
    'no PEM',
  );
});
