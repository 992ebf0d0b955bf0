import { createPrivateKey, type KeyObject, sign, X509Certificate } from 'node:crypto';
import { DarkroomError } from '@darkroom/contracts';

/** Signature algorithms that C2PA allows and this library makes. */
export type SignatureAlgorithm = 'ed25519' | 'es256' | 'es384' | 'ps256';

/** Signs manifests: with a key at hand, or in a key management service that never gives it away. */
export interface ManifestSigner {
  readonly algorithm: SignatureAlgorithm;
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
  const [certificate, privateKey] = parse(certificates, key);
  if (!certificate.checkPrivateKey(privateKey)) throw refused('the certificate and the private key do not belong together');
  const algorithm = algorithmOf(privateKey);
  const options = {
    ed25519: [null, { key: privateKey }],
    es256: ['sha256', { key: privateKey, dsaEncoding: 'ieee-p1363' }],
    es384: ['sha384', { key: privateKey, dsaEncoding: 'ieee-p1363' }],
    // RSASSA-PSS with a salt as long as the digest: RFC 8230.
    ps256: ['sha256', { key: privateKey, padding: 6, saltLength: 32 }],
  } as const;
  const [digest, how] = options[algorithm];
  return { algorithm, certificates, sign: async (bytes) => sign(digest, bytes, how) };
}

function parse(certificates: string, key: string): [X509Certificate, KeyObject] {
  try {
    return [new X509Certificate(certificates), createPrivateKey(key)];
  } catch (cause) {
    throw refused('the certificate or the private key is no PEM', cause);
  }
}

function algorithmOf({ asymmetricKeyType, asymmetricKeyDetails }: KeyObject): SignatureAlgorithm {
  if (asymmetricKeyType === 'ed25519') return 'ed25519';
  if (asymmetricKeyType === 'rsa' || asymmetricKeyType === 'rsa-pss') return 'ps256';
  if (asymmetricKeyDetails?.namedCurve === 'prime256v1') return 'es256';
  if (asymmetricKeyDetails?.namedCurve === 'secp384r1') return 'es384';
  throw refused('the private key must be Ed25519, ECDSA with P-256 or P-384, or RSA');
}

function refused(message: string, cause?: unknown): DarkroomError {
  return new DarkroomError({ code: 'internal', message: `manifests can't be signed: ${message}`, cause });
}
