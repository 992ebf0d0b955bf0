import { webcrypto } from 'node:crypto';

/** A certificate with its private key, as PEM. */
export interface CertificateAndKey {
  /** The certificate first, then the root that issued it. */
  readonly certificates: string;
  readonly key: string;
}

/** Ten years: without a time stamp, manifests are valid as long as the certificate is. */
const lifetimeMs = 10 * 365.25 * 24 * 3600 * 1000;

/** Key purpose of C2PA's own for signing claims: C2PA specification 2.2, 14.5.1. */
const emailProtection = '1.3.6.1.5.5.7.3.4';

/**
 * Makes a certificate for development: its root is made with it, trusted by nobody, and its key forgotten.
 *
 * @param now when it becomes valid.
 */
export async function developmentCertificate(now = new Date()): Promise<CertificateAndKey> {
  // Large, and needed once in an installation's life.
  await import('reflect-metadata');
  const x509 = await import('@peculiar/x509');
  x509.cryptoProvider.set(webcrypto as never);
  const newKeys = async () =>
    (await webcrypto.subtle.generateKey('Ed25519', true, ['sign', 'verify'])) as webcrypto.CryptoKeyPair;
  const [rootKeys, keys] = await Promise.all([newKeys(), newKeys()]);
  const validity = { notBefore: now, notAfter: new Date(now.getTime() + lifetimeMs) };
  const rootName = 'CN=Darkroom development root, O=Darkroom';
  const root = await x509.X509CertificateGenerator.createSelfSigned({
    ...validity,
    name: rootName,
    keys: rootKeys as never,
    signingAlgorithm: 'Ed25519',
    extensions: [
      new x509.BasicConstraintsExtension(true, 0, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
      await x509.SubjectKeyIdentifierExtension.create(rootKeys.publicKey as never),
    ],
  });
  const certificate = await x509.X509CertificateGenerator.create({
    ...validity,
    subject: 'CN=Darkroom development, O=Darkroom',
    issuer: rootName,
    publicKey: keys.publicKey as never,
    signingKey: rootKeys.privateKey as never,
    signingAlgorithm: 'Ed25519',
    extensions: [
      new x509.BasicConstraintsExtension(false, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
      new x509.ExtendedKeyUsageExtension([emailProtection]),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey as never),
      await x509.AuthorityKeyIdentifierExtension.create(rootKeys.publicKey as never),
    ],
  });
  const key = Buffer.from(await webcrypto.subtle.exportKey('pkcs8', keys.privateKey)).toString('base64');
  return {
    certificates: `${certificate.toString('pem')}\n${root.toString('pem')}\n`,
    key: `-----BEGIN PRIVATE KEY-----\n${key}\n-----END PRIVATE KEY-----\n`,
  };
}
