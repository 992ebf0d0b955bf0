import { generateKeyPairSync, verify, X509Certificate } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { developmentCertificate } from './development-certificate.js';
import { keySigner } from './signer.js';

describe('developmentCertificate', () => {
  it('is issued by a root of its own, for signing alone, for ten years', async () => {
    const now = new Date('2026-01-01T00:00:00Z');
    const { certificates, key } = await developmentCertificate(now);
    const [leaf, root] = certificates.split(/(?<=-----END CERTIFICATE-----)\n+/).map((pem) => pem && new X509Certificate(pem));
    if (!leaf || !root) throw new Error('there must be two certificates');
    expect(leaf.verify(root.publicKey)).toBe(true);
    expect([leaf.ca, root.ca]).toEqual([false, true]);
    expect(leaf.keyUsage).toEqual(['1.3.6.1.5.5.7.3.4']);
    expect(new Date(leaf.validTo).getFullYear()).toBe(2036);
    const bytes = Buffer.from('claim');
    const signer = keySigner(certificates, key);
    expect(signer.algorithm).toBe('ed25519');
    expect(verify(null, bytes, leaf.publicKey, await signer.sign(bytes))).toBe(true);
  });

  it('is another each time', async () => {
    const [a, b] = await Promise.all([developmentCertificate(), developmentCertificate()]);
    expect(a.certificates).not.toBe(b.certificates);
    expect(() => keySigner(a.certificates, b.key)).toThrow('do not belong together');
  });
});

describe('keySigner', () => {
  it('refuses what is no certificate or key', async () => {
    const { certificates, key } = await developmentCertificate();
    expect(() => keySigner('x', key)).toThrow('no PEM');
    expect(() => keySigner(certificates, 'x')).toThrow('no PEM');
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
    expect(() => keySigner(certificates, privateKey.export({ type: 'pkcs8', format: 'pem' }).toString())).toThrow('belong');
  });
});
