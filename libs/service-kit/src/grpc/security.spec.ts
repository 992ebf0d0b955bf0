import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { PromptEncoderServiceService } from '@darkroom/contracts';
import {
  type CertificateAuthority,
  type IssuedCertificate,
  makeCertificateAuthority,
  type TemporaryFolder,
  temporaryFolder,
} from '@darkroom/testing';
import { Client, credentials, Metadata } from '@grpc/grpc-js';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { ConfigError } from '../config/config.js';
import { Log } from '../telemetry/log.js';
import { Metrics } from '../telemetry/metrics.js';
import { GrpcConnection } from './client.js';
import { GrpcSecurity, type GrpcSecurityConfig } from './security.js';
import { GrpcServer, serve } from './server.js';

const TOKEN = 'a-token-of-this-spec';
const REFRESH_MS = 50;

let folder: TemporaryFolder;
let authority: CertificateAuthority;
let stranger: CertificateAuthority;
let own: Required<Pick<GrpcSecurityConfig, 'grpcTlsCert' | 'grpcTlsKey' | 'grpcTlsCa'>>;
beforeAll(async () => {
  folder = await temporaryFolder();
  [authority, stranger] = await Promise.all([makeCertificateAuthority(), makeCertificateAuthority()]);
  own = await files('own', await authority.issue());
});
afterAll(() => folder.remove());

const cleanUps: (() => void)[] = [];
afterEach(() => {
  for (const cleanUp of cleanUps.splice(0).reverse()) cleanUp();
});

/** Writes a certificate with its key and its authority, and returns the settings that name the files. */
async function files(name: string, { certificate, key }: IssuedCertificate, ca = authority.certificate) {
  const path = (end: string) => join(folder.path, `${name}-${end}`);
  await Promise.all([writeFile(path('cert'), certificate), writeFile(path('key'), key), writeFile(path('ca'), ca)]);
  return { grpcTlsCert: path('cert'), grpcTlsKey: path('key'), grpcTlsCa: path('ca') };
}

async function start(config: GrpcSecurityConfig): Promise<number> {
  const server = new GrpcServer({
    services: [
      serve(PromptEncoderServiceService, {
        encode: () => Promise.reject(new Error('this spec did not expect a call of encode')),
        encodeBatch: () => Promise.reject(new Error('this spec did not expect a call of encodeBatch')),
        countTokens: () => ({ tokenCount: 3, maxTokens: 77 }),
      }),
    ],
    log: Log.create('spec', 'silent'),
    metrics: new Metrics('spec'),
    isReady: async () => true,
    security: GrpcSecurity.open(config, REFRESH_MS),
  });
  cleanUps.push(() => server.destroy());
  return await server.listen('127.0.0.1', 0);
}

/** Calls a server once, over a connection of its own. */
async function call(port: number, config: GrpcSecurityConfig): Promise<number> {
  const security = GrpcSecurity.open(config, REFRESH_MS);
  const connection = new GrpcConnection({ address: `127.0.0.1:${port}`, name: 'prompt-encoder', timeoutMs: 5_000, security });
  try {
    return (await connection.client(PromptEncoderServiceService).countTokens({ model: 'pocket', prompt: 'x' })).tokenCount;
  } finally {
    connection.close();
  }
}

describe('certificates at both ends', () => {
  it('let services of one authority talk, and health checks too', async () => {
    const port = await start(own);
    expect(await call(port, await files('other', await authority.issue()))).toBe(3);
    const security = GrpcSecurity.open(own);
    const connection = new GrpcConnection({ address: `127.0.0.1:${port}`, name: 'prompt-encoder', timeoutMs: 5_000, security });
    cleanUps.push(() => connection.close());
    expect(await connection.missing()).toBeUndefined();
  });

  it('keep out a client without one, of another authority, or in the clear', async () => {
    const port = await start(own);
    await expect(call(port, {})).rejects.toMatchObject({ code: 'unavailable' });
    const foreign = await files('foreign', await stranger.issue(), stranger.certificate);
    await expect(call(port, foreign)).rejects.toMatchObject({
      code: 'unavailable',
      message: 'prompt-encoder is not reachable: TLS with it fails',
    });
    // It trusts the server, and has nothing to show.
    const nameless = new Client(`127.0.0.1:${port}`, credentials.createSsl(Buffer.from(authority.certificate)));
    cleanUps.push(() => nameless.close());
    await expect(
      new Promise((resolve, reject) => {
        const method = PromptEncoderServiceService.countTokens;
        const deadline = Date.now() + 5_000;
        nameless.makeUnaryRequest(
          method.path,
          method.requestSerialize,
          method.responseDeserialize,
          { model: 'pocket', prompt: 'x' },
          new Metadata(),
          { deadline },
          (error, answer) => (error ? reject(error) : resolve(answer)),
        );
      }),
    ).rejects.toMatchObject({ code: 14 });
  });

  it('keep a client from a server of another authority', async () => {
    const port = await start(await files('impostor', await stranger.issue(), stranger.certificate));
    await expect(call(port, own)).rejects.toMatchObject({ message: 'prompt-encoder is not reachable: TLS with it fails' });
  });

  it('are read again when their files change, while the service runs', async () => {
    const rotating = await files('rotating', await authority.issue());
    const port = await start(rotating);
    expect(await call(port, own)).toBe(3);
    // All of them move to another authority, which both trust for a while.
    const both = authority.certificate + stranger.certificate;
    const moved = await files('moved', await stranger.issue(), both);
    await expect(call(port, moved)).rejects.toMatchObject({ code: 'unavailable' });
    await files('rotating', await stranger.issue(), both);
    await expect.poll(() => call(port, moved).catch(() => 0)).toBe(3);
    // What only knows the old authority is out.
    await expect(call(port, own)).rejects.toMatchObject({ code: 'unavailable' });
  });
});

describe('a token', () => {
  it('lets in who has it, with or without certificates', async () => {
    expect(await call(await start({ grpcToken: TOKEN }), { grpcToken: TOKEN })).toBe(3);
    expect(await call(await start({ ...own, grpcToken: TOKEN }), { ...own, grpcToken: TOKEN })).toBe(3);
  });

  it('keeps out who has none or another, which is no fault of the user', async () => {
    const port = await start({ grpcToken: TOKEN });
    for (const grpcToken of [undefined, 'another-token-of-this-spec'])
      await expect(call(port, { grpcToken })).rejects.toMatchObject({
        code: 'unavailable',
        message: 'prompt-encoder refuses calls without its GRPC_TOKEN, which this service does not have',
      });
  });
});

describe('settings that can not work', () => {
  const opening = (config: GrpcSecurityConfig) => () => GrpcSecurity.open(config);

  it('are refused at start, with the variable and the file', async () => {
    const { grpcTlsCa: _, ...withoutAuthority } = own;
    expect(opening(withoutAuthority)).toThrow(ConfigError);
    expect(opening(withoutAuthority)).toThrow('set all three, or none');
    expect(opening({ ...own, grpcTlsKey: '/absent' })).toThrow("GRPC_TLS_KEY is wrong: /absent can't be read (ENOENT)");
    expect(opening({ ...own, grpcTlsKey: own.grpcTlsCert })).toThrow('holds no private key');
    expect(opening({ ...own, grpcTlsCert: own.grpcTlsKey })).toThrow('holds no certificate');
    expect(opening(await files('expired', await authority.issue({ expired: true })))).toThrow(/GRPC_TLS_CERT .* expired on/);
    const other = await files('second', await authority.issue());
    expect(opening({ ...own, grpcTlsKey: other.grpcTlsKey })).toThrow('is not the key of the certificate');
    expect(opening(await files('alien', await stranger.issue()))).toThrow('was not issued by the authority');
  });
});
