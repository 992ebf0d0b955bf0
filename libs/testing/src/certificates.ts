import { randomUUID, webcrypto } from 'node:crypto';

const DAY_MS = 24 * 60 * 60 * 1000;
const CURVE = { name: 'ECDSA', namedCurve: 'P-256' } as const;
const SIGNING = { name: 'ECDSA', hash: 'SHA-256' } as const;

/** A certificate and its private key, in PEM. */
export interface IssuedCertificate {
  readonly certificate: string;
  readonly key: string;
}

/** A certificate authority of a spec's own. */
export interface CertificateAuthority {
  /** Its own certificate, in PEM. */
  readonly certificate: string;
  /** Issues a certificate for 127.0.0.1, for servers and clients alike. */
  issue(options?: { expired?: boolean }): Promise<IssuedCertificate>;
  /** Certifies somebody's key for signing what they make, as C2PA wants it; returns the certificate in PEM. */
  certifySigner(publicKey: webcrypto.CryptoKey, name: string): Promise<string>;
}

/** Makes a certificate authority whose key is forgotten with it. */
export async function makeCertificateAuthority(): Promise<CertificateAuthority> {
  await import('reflect-metadata');
  const x509 = await import('@peculiar/x509');
  x509.cryptoProvider.set(webcrypto as never);
  const newKeys = () => webcrypto.subtle.generateKey(CURVE, true, ['sign', 'verify']);
  // Two authorities of one name could not be told apart.
  const [name, keys] = [`CN=Authority ${randomUUID()}`, await newKeys()];
  const validity = { notBefore: new Date(Date.now() - 2 * DAY_MS), notAfter: new Date(Date.now() + DAY_MS) };
  const root = await x509.X509CertificateGenerator.createSelfSigned({
    ...validity,
    name,
    keys: keys as never,
    signingAlgorithm: SIGNING,
    extensions: [
      new x509.BasicConstraintsExtension(true, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
    ],
  });
  return {
    certificate: `${root.toString('pem')}\n`,
    issue: async ({ expired = false } = {}) => {
      const own = await newKeys();
      const certificate = await x509.X509CertificateGenerator.create({
        ...validity,
        ...(expired && { notAfter: new Date(Date.now() - DAY_MS) }),
        subject: 'CN=A service of a spec',
        issuer: name,
        publicKey: own.publicKey as never,
        signingKey: keys.privateKey as never,
        signingAlgorithm: SIGNING,
        extensions: [
          new x509.SubjectAlternativeNameExtension([
            { type: 'ip', value: '127.0.0.1' },
            { type: 'dns', value: 'localhost' },
          ]),
        ],
      });
      const key = Buffer.from(await webcrypto.subtle.exportKey('pkcs8', own.privateKey));
      return { certificate: `${certificate.toString('pem')}\n`, key: x509.PemConverter.encode(key, 'PRIVATE KEY') };
    },
    certifySigner: async (publicKey, signer) => {
      const certificate = await x509.X509CertificateGenerator.create({
        ...validity,
        subject: `CN=${signer}, O=${signer}`,
        issuer: name,
        publicKey: publicKey as never,
        signingKey: keys.privateKey as never,
        signingAlgorithm: SIGNING,
        extensions: [
          new x509.BasicConstraintsExtension(false, undefined, true),
          new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
          new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.emailProtection]),
          await x509.AuthorityKeyIdentifierExtension.create(keys.publicKey as never),
        ],
      });
      return `${certificate.toString('pem')}\n`;
    },
  };
}
