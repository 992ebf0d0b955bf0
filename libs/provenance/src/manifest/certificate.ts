import { type KeyObject, X509Certificate } from 'node:crypto';
import { DarkroomError } from '@darkroom/contracts';

/** Signature algorithms that C2PA allows and this library makes. */
export type SignatureAlgorithm = 'ed25519' | 'es256' | 'es384' | 'ps256';

/** What a certificate's key signs with. */
export interface SigningKind {
  readonly algorithm: SignatureAlgorithm;
  /** Length of its signatures, in the form that COSE has them in. */
  readonly signatureBytes: number;
}

/**
 * Reads the first certificate of a file.
 *
 * @throws {DarkroomError} Thrown with `internal` when there is none.
 */
export function firstCertificate(certificates: string): X509Certificate {
  try {
    return new X509Certificate(certificates);
  } catch (cause) {
    throw cannotSign('the certificate is no PEM', cause);
  }
}

/**
 * Tells what a key signs with.
 *
 * @throws {DarkroomError} Thrown with `internal` for a kind of key that C2PA does not allow.
 */
export function signingKindOf({ asymmetricKeyType, asymmetricKeyDetails }: KeyObject): SigningKind {
  if (asymmetricKeyType === 'ed25519') return { algorithm: 'ed25519', signatureBytes: 64 };
  if (asymmetricKeyType === 'rsa' || asymmetricKeyType === 'rsa-pss') {
    return { algorithm: 'ps256', signatureBytes: Math.ceil((asymmetricKeyDetails?.modulusLength ?? 0) / 8) };
  }
  if (asymmetricKeyDetails?.namedCurve === 'prime256v1') return { algorithm: 'es256', signatureBytes: 64 };
  if (asymmetricKeyDetails?.namedCurve === 'secp384r1') return { algorithm: 'es384', signatureBytes: 96 };
  throw cannotSign('the key must be Ed25519, ECDSA with P-256 or P-384, or RSA');
}

/** Makes the error of a signer that can't be one. */
export function cannotSign(message: string, cause?: unknown): DarkroomError {
  return new DarkroomError({ code: 'internal', message: `manifests can't be signed: ${message}`, cause });
}
