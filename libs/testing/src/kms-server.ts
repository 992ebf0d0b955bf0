import { createHash, createPublicKey, KeyObject, webcrypto } from 'node:crypto';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { p256, p384 } from '@noble/curves/nist.js';
import { makeCertificateAuthority } from './certificates.js';

/** Kinds of keys that the server can keep; Node signs messages alone, so that digests are signed by another implementation. */
const kinds = {
  es256: { curve: p256, namedCurve: 'P-256', algorithm: 'ECDSA_SHA_256' },
  es384: { curve: p384, namedCurve: 'P-384', algorithm: 'ECDSA_SHA_384' },
} as const;

/** A key management service that is running, with one key. */
export interface KmsServer {
  readonly endpoint: string;
  readonly keyId: string;
  /** PEM: a certificate of the key, and the root that issued it. */
  readonly certificates: string;
  /** Names of the calls that were answered. */
  readonly calls: readonly string[];
  /** While it is set, every call is answered with this status. */
  failWith: number | undefined;
  stop(): Promise<void>;
}

/** Starts a server that speaks the part of AWS KMS's language that signing needs, with a key of its own. */
export async function startKmsServer(kind: keyof typeof kinds): Promise<KmsServer> {
  const { curve, namedCurve, algorithm } = kinds[kind];
  const authority = await makeCertificateAuthority();
  const keys = await webcrypto.subtle.generateKey({ name: 'ECDSA', namedCurve }, true, ['sign', 'verify']);
  const secret = Buffer.from((await webcrypto.subtle.exportKey('jwk', keys.privateKey)).d ?? '', 'base64url');
  const publicKey = createPublicKey(KeyObject.from(keys.privateKey)).export({ type: 'spki', format: 'der' });
  const keyId = `key-${createHash('sha256').update(publicKey).digest('hex').slice(0, 12)}`;
  const calls: string[] = [];
  const answer = (target: string, request: Readonly<Record<string, string>>): object => {
    if (request['KeyId'] !== keyId) throw Object.assign(new Error('no such key'), { code: 'NotFoundException' });
    if (target === 'GetPublicKey') return { KeyId: keyId, PublicKey: publicKey.toString('base64') };
    if (request['MessageType'] !== 'DIGEST' || request['SigningAlgorithm'] !== algorithm) {
      throw Object.assign(new Error('not how this key signs'), { code: 'ValidationException' });
    }
    const signature = curve.sign(Buffer.from(request['Message'] ?? '', 'base64'), secret, { prehash: false, format: 'der' });
    return { KeyId: keyId, Signature: Buffer.from(signature).toString('base64'), SigningAlgorithm: algorithm };
  };
  const server = createServer((request, response) => {
    void bodyOf(request).then((body) => {
      const target = String(request.headers['x-amz-target']).replace('TrentService.', '');
      response.setHeader('content-type', 'application/x-amz-json-1.1');
      if (state.failWith !== undefined) return response.writeHead(state.failWith).end('{"__type":"KMSInternalException"}');
      try {
        const result = answer(target, JSON.parse(body) as Record<string, string>);
        calls.push(target);
        return response.end(JSON.stringify(result));
      } catch (error) {
        return response.writeHead(400).end(JSON.stringify({ __type: (error as { code?: string }).code, message: String(error) }));
      }
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const state: KmsServer = {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    keyId,
    certificates: `${await authority.certifySigner(keys.publicKey, 'Operator')}${authority.certificate}`,
    calls,
    failWith: undefined,
    stop: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  return state;
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part as Buffer);
  return Buffer.concat(parts).toString();
}
