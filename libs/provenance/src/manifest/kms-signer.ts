import { createHash } from 'node:crypto';
import { GetPublicKeyCommand, KMSClient, SignCommand, type SigningAlgorithmSpec } from '@aws-sdk/client-kms';
import { DarkroomError } from '@darkroom/contracts';
import { ECDSASigValue } from '@peculiar/asn1-ecc';
import { AsnConvert } from '@peculiar/asn1-schema';
import { cannotSign, firstCertificate, type SignatureAlgorithm, signingKindOf } from './certificate.js';
import type { ManifestSigner } from './signer.js';

/** Where a key is kept that is never given away. */
export interface KmsKey {
  /** Id, ARN or alias of an asymmetric key for SIGN_VERIFY. */
  readonly keyId: string;
  readonly region: string;
  /** Of a service that speaks AWS KMS's language; undefined for AWS. */
  readonly endpoint?: string | undefined;
}

/** A signer whose key is elsewhere. */
export interface RemoteSigner extends ManifestSigner {
  /** Tells why it can't sign now, or undefined: the service is away, or its key is not the certificate's. */
  problem(): Promise<string | undefined>;
  close(): void;
}

interface KmsAlgorithm {
  readonly name: SigningAlgorithmSpec;
  readonly digest: string;
  /** Bytes of each of ECDSA's two numbers; undefined for RSA. */
  readonly numberBytes?: number;
}

/** Ed25519 is left out: KMS wants the whole message for it, up to 4 KiB, and claims may be longer. */
const algorithms: Readonly<Partial<Record<SignatureAlgorithm, KmsAlgorithm>>> = {
  es256: { name: 'ECDSA_SHA_256', digest: 'sha256', numberBytes: 32 },
  es384: { name: 'ECDSA_SHA_384', digest: 'sha384', numberBytes: 48 },
  ps256: { name: 'RSASSA_PSS_SHA_256', digest: 'sha256' },
};

/** How long one call may take, and how often it is tried. */
const callTimeoutMs = 3_000;
const attempts = 3;

/**
 * Makes a signer of a certificate whose key is in AWS KMS, which is sent the digest of what it signs, and never a picture.
 *
 * Credentials come from AWS's default chain: the role of the machine or the pod, for instance.
 *
 * @param certificates as PEM, the signer's own first.
 * @throws {DarkroomError} Thrown with `internal` when the certificate can't be read, or its key is of a kind that KMS does not sign with.
 */
export function kmsSigner(certificates: string, { keyId, region, endpoint }: KmsKey): RemoteSigner {
  const { publicKey } = firstCertificate(certificates);
  const kind = signingKindOf(publicKey);
  const algorithm = algorithms[kind.algorithm];
  if (algorithm === undefined) throw cannotSign('keys in a key management service must be ECDSA with P-256 or P-384, or RSA');
  const client = new KMSClient({
    region,
    maxAttempts: attempts,
    ...(endpoint !== undefined && { endpoint }),
    requestHandler: { connectionTimeout: callTimeoutMs, requestTimeout: callTimeoutMs },
  });
  const certified = publicKey.export({ type: 'spki', format: 'der' });
  let isKnownToFit = false;
  return {
    ...kind,
    certificates,
    async sign(bytes) {
      const Message = createHash(algorithm.digest).update(bytes).digest();
      const command = new SignCommand({ KeyId: keyId, Message, MessageType: 'DIGEST', SigningAlgorithm: algorithm.name });
      const { Signature } = await client.send(command).catch((cause: unknown) => {
        throw new DarkroomError({ code: 'unavailable', message: 'the key management service does not sign', cause });
      });
      if (Signature === undefined) throw cannotSign('the key management service answered without a signature');
      return algorithm.numberBytes === undefined ? Buffer.from(Signature) : sideBySide(Signature, algorithm.numberBytes);
    },
    async problem() {
      if (isKnownToFit) return undefined;
      try {
        const { PublicKey } = await client.send(new GetPublicKeyCommand({ KeyId: keyId }));
        isKnownToFit = PublicKey !== undefined && certified.equals(PublicKey);
        return isKnownToFit ? undefined : "its key is not the certificate's";
      } catch (error) {
        return `does not answer: ${error instanceof Error ? error.message : String(error)}`;
      }
    },
    close: () => client.destroy(),
  };
}

/** KMS gives ECDSA's numbers as ASN.1 (RFC 3279, 2.2.3); COSE has them side by side, each of full length (RFC 9053, 2.1). */
function sideBySide(signature: Uint8Array, numberBytes: number): Buffer {
  const { r, s } = AsnConvert.parse(signature, ECDSASigValue);
  const padded = (number: ArrayBuffer) => {
    const bytes = Buffer.from(number);
    const digits = bytes.subarray(bytes.findIndex((byte) => byte !== 0));
    return Buffer.concat([Buffer.alloc(numberBytes - digits.length), digits]);
  };
  return Buffer.concat([padded(r), padded(s)]);
}
