import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createSecureContext } from 'node:tls';
import { ConfigError } from '../config/config.js';

/** Files in PEM that both ends of gRPC connections use. */
export interface CertificateFiles {
  /** The service's certificate, with those between it and the authority behind it. */
  readonly certificate: string;
  readonly key: string;
  /** The authorities that must have issued the other side's. */
  readonly authority: string;
}

/**
 * Makes sure that a service can be known by its certificate: that it is valid today, that the key is its own, and that the authority
 * has issued it, whom the other services ask too.
 *
 * @throws {ConfigError} Thrown with the variable and what is wrong with its file.
 */
export function checkCertificates(files: CertificateFiles, now = new Date()): void {
  const [certificate, ...between] = certificatesOf('GRPC_TLS_CERT', files.certificate);
  const authorities = certificatesOf('GRPC_TLS_CA', files.authority);
  if (certificate === undefined) throw wrong('GRPC_TLS_CERT', files.certificate, 'holds no certificate');
  if (authorities.length === 0) throw wrong('GRPC_TLS_CA', files.authority, 'holds no certificate');
  for (const [variable, file, one] of [
    ['GRPC_TLS_CERT', files.certificate, certificate],
    ...authorities.map((authority) => ['GRPC_TLS_CA', files.authority, authority] as const),
  ] as const) {
    if (new Date(one.validTo) <= now) throw wrong(variable, file, `expired on ${new Date(one.validTo).toISOString()}`);
    if (new Date(one.validFrom) > now) throw wrong(variable, file, `is valid from ${new Date(one.validFrom).toISOString()} on`);
  }
  if (!certificate.checkPrivateKey(keyOf(files.key)))
    throw wrong('GRPC_TLS_KEY', files.key, 'is not the key of the certificate in GRPC_TLS_CERT');
  if (!isIssuedBy(certificate, between, authorities))
    throw wrong('GRPC_TLS_CERT', files.certificate, 'was not issued by the authority in GRPC_TLS_CA');
  const [cert, key, ca] = [files.certificate, files.key, files.authority].map((file) => readFileSync(file));
  try {
    createSecureContext({ cert, key, ca });
  } catch (cause) {
    throw new ConfigError(`GRPC_TLS_CERT, GRPC_TLS_KEY and GRPC_TLS_CA can't be used: ${(cause as Error).message}`, { cause });
  }
}

function isIssuedBy(
  certificate: X509Certificate,
  between: readonly X509Certificate[],
  authorities: readonly X509Certificate[],
): boolean {
  const hasIssued = (issuer: X509Certificate) => certificate.checkIssued(issuer) && certificate.verify(issuer.publicKey);
  if (authorities.some(hasIssued)) return true;
  const issuer = between.find(hasIssued);
  // Each is used once, so that certificates that issued each other lead nowhere.
  return (
    issuer !== undefined &&
    isIssuedBy(
      issuer,
      between.filter((one) => one !== issuer),
      authorities,
    )
  );
}

function certificatesOf(variable: string, file: string): X509Certificate[] {
  const blocks = read(variable, file).match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? [];
  try {
    return blocks.map((block) => new X509Certificate(block));
  } catch (cause) {
    throw wrong(variable, file, 'holds a certificate that can not be read', cause);
  }
}

function keyOf(file: string): KeyObject {
  try {
    return createPrivateKey(read('GRPC_TLS_KEY', file));
  } catch (cause) {
    if (cause instanceof ConfigError) throw cause;
    throw wrong('GRPC_TLS_KEY', file, 'holds no private key', cause);
  }
}

function read(variable: string, file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (cause) {
    throw wrong(variable, file, `can't be read (${(cause as NodeJS.ErrnoException).code})`, cause);
  }
}

function wrong(variable: string, file: string, what: string, cause?: unknown): ConfigError {
  return new ConfigError(`${variable} is wrong: ${file} ${what}`, { cause });
}
