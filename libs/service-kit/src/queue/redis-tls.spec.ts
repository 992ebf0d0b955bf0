import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import {
  type CertificateAuthority,
  makeCertificateAuthority,
  type RedisServer,
  startRedisServer,
  type TemporaryFolder,
  temporaryFolder,
} from '@darkroom/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Log } from '../telemetry/log.js';
import { GENERATION_JOB, openGenerationQueue, openGenerationWorker } from './generation-queue.js';
import { connectRedis, redisMissing } from './redis.js';

const log = Log.create('spec', 'silent');
const usual = getCACertificates();

let folder: TemporaryFolder;
let authority: CertificateAuthority;
let server: RedisServer;
beforeAll(async () => {
  folder = await temporaryFolder();
  authority = await makeCertificateAuthority();
  const issued = await authority.issue();
  const files = { certificate: join(folder.path, 'tls.crt'), key: join(folder.path, 'tls.key') };
  await Promise.all([writeFile(files.certificate, issued.certificate), writeFile(files.key, issued.key)]);
  server = await startRedisServer(files);
});
afterAll(async () => {
  setDefaultCACertificates(usual);
  await server.dispose();
  await folder.remove();
});

describe('a Redis at rediss://', () => {
  it('is not talked to while its authority is not trusted', async () => {
    const redis = connectRedis(server.url, log);
    await new Promise((resolve) => redis.once('close', resolve));
    expect(await redisMissing(redis)).toBe('Redis is not reachable');
    redis.disconnect();
  });

  it('carries commands and jobs once it is, as NODE_EXTRA_CA_CERTS does for a service', async () => {
    setDefaultCACertificates([...usual, authority.certificate]);
    const redis = connectRedis(server.url, log);
    await expect.poll(() => redisMissing(redis)).toBeUndefined();
    const queue = openGenerationQueue('pocket', server.url, log);
    const done = Promise.withResolvers<unknown>();
    const worker = openGenerationWorker('pocket', server.url, log, async ({ data }) => {
      done.resolve(data);
      return data;
    });
    await expect
      .poll(() => queue.add(GENERATION_JOB, { payload: 'over TLS' }, { jobId: 'one' }).then(({ id }) => id), { timeout: 20_000 })
      .toBe('one');
    expect(await done.promise).toEqual({ payload: 'over TLS' });
    await worker.close();
    await queue.close();
    redis.disconnect();
  });
});
