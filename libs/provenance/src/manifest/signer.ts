import { createPrivateKey, type KeyObject, sign } from 'node:crypto';
import { cannotSign, firstCertificate, type SigningKind, signingKindOf } from './certificate.js';

/** Signs manifests: with a key at hand, or in a key management service that never gives it away. */
export interface ManifestSigner extends SigningKind {
  /** The certificate and what leads from it towards a root, as PEM; the signer's own first. */
  readonly certificates: string;
  /** Signs bytes; ECDSA's two numbers side by side, as COSE has them (RFC 9053). */
  sign(bytes: Buffer): Promise<Buffer>;
}

/**
 * Makes a signer of a certificate and its private key.
 *
 * @param certificates as PEM, the signer's own first.
 * @param key as PEM: Ed25519, ECDSA with P-256 or P-384, or RSA.
 * @throws {DarkroomError} Thrown with `internal` when one can't be read, they do not belong together, or the key is of another kind.
 */
export function keySigner(certificates: string, key: string): ManifestSigner {
  const certificate = firstCertificate(certificates);
  const privateKey = parseKey(key);
  if (!certificate.checkPrivateKey(privateKey)) throw cannotSign('the certificate and the private key do not belong together');
  const kind = signingKindOf(privateKey);
  const options = {
    ed25519: [null, { key: privateKey }],
    es256: ['sha256', { key: privateKey, dsaEncoding: 'ieee-p1363' }],
    es384: ['sha384', { key: privateKey, dsaEncoding: 'ieee-p1363' }],
    // RSASSA-PSS with a salt as long as the digest: RFC 8230.
    ps256: ['sha256', { key: privateKey, padding: 6, saltLength: 32 }],
  } as const;
  const [digest, how] = options[kind.algorithm];
  return { ...kind, certificates, sign: async (bytes) => sign(digest, bytes, how) };
}

function parseKey(key: string): KeyObject {
  try {
    return createPrivateKey(key);
  } catch (cause) {
    throw cannotSign('the private key is no PEM', cause);
  }
}
