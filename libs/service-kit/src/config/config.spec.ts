import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { ConfigError, defineConfig, describeConfig, variable } from './config.js';
import {
  addressSchema,
  blobVariables,
  bytesSchema,
  executionVariables,
  integerSchema,
  modelListVariables,
  redisVariables,
  serviceVariables,
  sizesSchema,
  switchSchema,
} from './variables.js';

class Config extends defineConfig({
  service: 'example',
  summary: 'Shows how it is done.',
  environment: {},
  variables: {
    ...serviceVariables,
    ...redisVariables,
    ...blobVariables,
    ...modelListVariables,
    moderatorAddress: variable('MODERATOR_ADDRESS', addressSchema, 'where the moderator listens'),
    token: variable('ADMIN_TOKEN', z.string().min(16, 'expected 16 characters or more').optional(), 'key of the admin API', {
      secret: true,
    }),
    threads: variable('THREADS', integerSchema(1, 8).default(2), 'threads of a kernel'),
  },
}) {}

const good = { MODERATOR_ADDRESS: '127.0.0.1:50051' };

describe('defineConfig', () => {
  it('reads typed values and defaults into an instance of the class', () => {
    const config = Config.read({ ...good, HTTP_PORT: '8080', MODELS: 'pocket, other' });
    expect(config).toBeInstanceOf(Config);
    const port: number = config.httpPort;
    expect(port).toBe(8080);
    expect(config).toMatchObject({
      httpHost: '127.0.0.1',
      threads: 2,
      models: ['pocket', 'other'],
      moderatorAddress: '127.0.0.1:50051',
    });
    expect(config.token).toBeUndefined();
  });

  it('takes an empty variable as unset', () => {
    expect(Config.read({ ...good, THREADS: '', ADMIN_TOKEN: '' })).toMatchObject({ threads: 2, token: undefined });
  });

  it('names every variable that is wrong, and the fix, without showing a value', () => {
    const read = () =>
      Config.read({
        HTTP_PORT: '80800',
        THREADS: '9',
        ADMIN_TOKEN: 'hunter2',
        REDIS_URL: 'http://x',
        BLOB_STORE_URL: 'ftp://x/y',
      });
    expect(read).toThrow(ConfigError);
    const message = messageOf(read);
    for (const part of [
      'HTTP_PORT is wrong: a port is at most 65535',
      'THREADS is wrong: expected a whole number from 1 to 8',
      'ADMIN_TOKEN is wrong: expected 16 characters or more',
      'MODERATOR_ADDRESS is not set (where the moderator listens)',
      'REDIS_URL is wrong: expected redis://host:port',
      'BLOB_STORE_URL is wrong: expected file:///folder or s3://bucket/prefix',
    ]) {
      expect(message).toContain(part);
    }
    expect(message).not.toContain('hunter2');
  });

  it('reads a secret from the file that its second variable names', () => {
    const folder = mkdtempSync(path.join(tmpdir(), 'darkroom-config-'));
    try {
      const [file, empty] = [path.join(folder, 'token'), path.join(folder, 'empty')];
      writeFileSync(file, 'a-token-of-sixteen\n');
      writeFileSync(empty, '\n');
      expect(Config.read({ ...good, ADMIN_TOKEN_FILE: file }).token).toBe('a-token-of-sixteen');
      expect(Config.read({ ...good, ADMIN_TOKEN_FILE: empty }).token).toBeUndefined();
      expect(Config.read({ ...good, THREADS_FILE: file }).threads).toBe(2);
      const both = messageOf(() => Config.read({ ...good, ADMIN_TOKEN: 'another-token-of-mine', ADMIN_TOKEN_FILE: file }));
      expect(both).toContain('ADMIN_TOKEN and ADMIN_TOKEN_FILE are both set');
      expect(both).not.toContain('another-token');
      const absent = messageOf(() => Config.read({ ...good, ADMIN_TOKEN_FILE: path.join(folder, 'absent') }));
      expect(absent).toContain("ADMIN_TOKEN_FILE is wrong: the file can't be read (ENOENT)");
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it.each(['file:///var/lib/darkroom', 's3://bucket/prefix', 's3://bucket'])('accepts the blob store %s', (url) => {
    expect(Config.read({ ...good, BLOB_STORE_URL: url }).blobStoreUrl).toBe(url);
  });

  it('accepts a Redis with a password, in the clear or over TLS', () => {
    expect(Config.read({ ...good, REDIS_URL: 'redis://:pw@127.0.0.1:6379/0' }).redisUrl).toBe('redis://:pw@127.0.0.1:6379/0');
    expect(Config.read({ ...good, REDIS_URL: 'rediss://redis.example:6379' }).redisUrl).toBe('rediss://redis.example:6379');
  });

  it('reads where traces go, and the headers for there', () => {
    const config = Config.read({
      ...good,
      OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:4318',
      OTEL_EXPORTER_OTLP_HEADERS: 'authorization=Basic%20YTpi==, x-tenant = a',
      OTEL_TRACES_SAMPLER_ARG: '0.25',
    });
    expect(config.otlpHeaders).toEqual({ authorization: 'Basic YTpi==', 'x-tenant': 'a' });
    expect(config).toMatchObject({ otlpEndpoint: 'http://127.0.0.1:4318', traceRatio: 0.25 });
    expect(Config.read(good)).toMatchObject({ otlpEndpoint: undefined, otlpHeaders: undefined, traceRatio: 1 });
  });

  it.each([
    ['OTEL_EXPORTER_OTLP_ENDPOINT', '127.0.0.1:4318', 'expected http://host:port'],
    ['OTEL_EXPORTER_OTLP_HEADERS', 'hunter2', 'expected name=value, separated by commas'],
    ['OTEL_EXPORTER_OTLP_HEADERS', 'a=hunter2%ff', 'expected percent-encoded values'],
    ['OTEL_TRACES_SAMPLER_ARG', '2', 'expected a number from 0 to 1'],
  ])('refuses %s=%s', (name, value, reason) => {
    const message = messageOf(() => Config.read({ ...good, [name]: value }));
    expect(message).toContain(`${name} is wrong: ${reason}`);
    expect(message).not.toContain('hunter2');
  });

  describe('of how models are run', () => {
    class Models extends defineConfig({
      service: 'example',
      summary: 'Runs models.',
      environment: {},
      variables: {
        ...executionVariables,
        sizes: variable('SIZES', sizesSchema, 'sizes'),
        bytes: variable('BYTES', bytesSchema.optional(), 'bytes'),
        deterministic: variable('DETERMINISTIC', switchSchema, 'a switch'),
      },
    }) {}

    it('is the CPU in single precision unless it says otherwise', () => {
      expect({ ...Models.read({}) }).toEqual({
        executionProvider: 'cpu',
        deviceId: undefined,
        deviceMemoryLimitBytes: undefined,
        precision: 'fp32',
        sizes: undefined,
        bytes: undefined,
        deterministic: false,
      });
      const environment = {
        EXECUTION_PROVIDER: 'cuda',
        DEVICE_ID: '1',
        DEVICE_MEMORY_LIMIT_BYTES: '8589934592',
        PRECISION: 'fp16',
        SIZES: '256x256, 512x1024',
        DETERMINISTIC: 'true',
      };
      expect(Models.read(environment)).toMatchObject({
        executionProvider: 'cuda',
        deviceId: 1,
        deviceMemoryLimitBytes: 2 ** 33,
        precision: 'fp16',
        sizes: [
          { width: 256, height: 256 },
          { width: 512, height: 1024 },
        ],
        deterministic: true,
      });
    });

    it.each([
      ['EXECUTION_PROVIDER', 'gpu', 'expected cpu, cuda or tensorrt'],
      ['DEVICE_ID', '-1', 'expected a whole number from 0 to 255'],
      ['DEVICE_MEMORY_LIMIT_BYTES', '8GB', 'expected a whole number from 1048576'],
      ['PRECISION', 'int8', 'expected fp32 or fp16'],
      ['SIZES', '256', 'expected sizes, for instance 256x256,512x512'],
      ['SIZES', '256x256,,0x64', 'expected sizes, for instance 256x256,512x512'],
      ['BYTES', '1000', 'expected a whole number from 1048576'],
      ['DETERMINISTIC', 'yes', 'expected true or false'],
    ])('refuses %s=%s by name', (name, value, reason) => {
      expect(messageOf(() => Models.read({ [name]: value }))).toContain(`${name} is wrong: ${reason}`);
    });
  });

  it('describes every variable for --help', () => {
    const page = describeConfig(Config.definition);
    expect(page).toContain('example: Shows how it is done.');
    expect(page).toMatch(/HTTP_HOST +interface that HTTP listens on \(default 127\.0\.0\.1\)/);
    expect(page).toMatch(/MODERATOR_ADDRESS +where the moderator listens \(required\)/);
    expect(page).toMatch(/ADMIN_TOKEN +key of the admin API \(unset\)/);
    expect(page).toContain(
      'Secrets can also come from files that are named by: OTEL_EXPORTER_OTLP_HEADERS_FILE, GRPC_TOKEN_FILE, REDIS_URL_FILE, AWS_SECRET_ACCESS_KEY_FILE, ADMIN_TOKEN_FILE',
    );
  });
});

function messageOf(work: () => unknown): string {
  try {
    work();
  } catch (error) {
    return (error as Error).message;
  }
  throw new Error('nothing was thrown');
}
