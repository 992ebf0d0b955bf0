import { availableParallelism } from 'node:os';
import { z } from 'zod';
import { variable } from './config.js';
import { KEY_BYTES } from './kept-key.js';

/** Checks a TCP port; 0 lets the system choose a free one. */
export function portSchema(byDefault: number) {
  return z.coerce
    .number('a port is a number')
    .int('a port is a whole number')
    .min(0)
    .max(65_535, 'a port is at most 65535')
    .default(byDefault);
}

/** Checks a `host:port` address. */
export const addressSchema = z
  .string()
  .regex(/^[^\s:]+:\d{1,5}$|^\[[0-9a-fA-F:]+\]:\d{1,5}$/, 'expected host:port, for instance 127.0.0.1:50051');

/** Checks a whole number in a range. */
export function integerSchema(minimum: number, maximum: number) {
  const range = `expected a whole number from ${minimum} to ${maximum}`;
  return z.coerce.number(range).int(range).min(minimum, range).max(maximum, range);
}

/** Checks a comma-separated list of names; undefined when unset. */
export const namesSchema = z
  .string()
  .transform((text) =>
    text
      .split(',')
      .map((name) => name.trim())
      .filter((name) => name !== ''),
  )
  .refine((names) => names.length > 0, 'expected at least one name')
  .optional();

const sizePattern = /^[1-9]\d{0,4}x[1-9]\d{0,4}$/;

/** Checks a comma-separated list of image sizes, for instance 256x256,512x512; undefined when unset. */
export const sizesSchema = z
  .string()
  .transform((text) => text.split(',').map((size) => size.trim()))
  .refine((sizes) => sizes.every((size) => sizePattern.test(size)), 'expected sizes, for instance 256x256,512x512')
  .transform((sizes) =>
    sizes.map((size) => {
      const [width = 0, height = 0] = size.split('x').map(Number);
      return { width, height };
    }),
  )
  .optional();

/** Checks a switch; off when unset. */
export const switchSchema = z
  .enum(['true', 'false', '1', '0'], 'expected true or false')
  .default('false')
  .transform((text) => text === 'true' || text === '1');

/** Checks a number of bytes, from 1 MiB. */
export const bytesSchema = integerSchema(2 ** 20, Number.MAX_SAFE_INTEGER);

/** Checks a key of 32 bytes, in base64. */
export const keySchema = z
  .base64('expected base64')
  .transform((text) => Buffer.from(text, 'base64'))
  .refine((key) => key.length === KEY_BYTES, `expected ${KEY_BYTES} bytes in base64`);

/** Checks the address of a Redis, which may carry a password and a database. */
export const redisUrlSchema = z.url({ protocol: /^rediss?$/, error: 'expected redis://host:port' });

const collectorSchema = z.url({ protocol: /^https?$/, error: 'expected http://host:port' }).optional();

const ratioRange = 'expected a number from 0 to 1';

/** Checks `name=value` pairs, separated by commas, with values percent-encoded where need be; undefined when unset. */
export const headersSchema = z
  .string()
  .regex(/^[^\s=,]+\s*=[^,]*(,\s*[^\s=,]+\s*=[^,]*)*$/, 'expected name=value, separated by commas')
  .refine(isPercentEncoded, 'expected percent-encoded values')
  .transform((text) => Object.fromEntries(text.split(',').map(headerOf)))
  .optional();

function headerOf(pair: string): [string, string] {
  const at = pair.indexOf('=');
  return [pair.slice(0, at).trim(), decodeURIComponent(pair.slice(at + 1).trim())];
}

function isPercentEncoded(text: string): boolean {
  try {
    return decodeURIComponent(text) !== undefined;
  } catch {
    return false;
  }
}

/** Where traces go; named as OpenTelemetry's specification names them. */
const tracingVariables = {
  otlpEndpoint: variable(
    'OTEL_EXPORTER_OTLP_ENDPOINT',
    collectorSchema,
    'an OpenTelemetry collector that takes OTLP over HTTP, for instance http://127.0.0.1:4318; unset means no traces',
  ),
  otlpTracesEndpoint: variable(
    'OTEL_EXPORTER_OTLP_TRACES_ENDPOINT',
    collectorSchema,
    'the same for traces alone, with the whole path, for instance http://127.0.0.1:4318/v1/traces',
  ),
  otlpHeaders: variable(
    'OTEL_EXPORTER_OTLP_HEADERS',
    headersSchema,
    'headers for the collector: name=value, separated by commas',
    { secret: true },
  ),
  traceRatio: variable(
    'OTEL_TRACES_SAMPLER_ARG',
    z.coerce.number(ratioRange).min(0, ratioRange).max(1, ratioRange).default(1),
    'share of traces that are sent; the same for all services, or traces have holes',
  ),
};

/** How services know each other over gRPC, the same for all of them. */
const grpcSecurityVariables = {
  grpcTlsCert: variable(
    'GRPC_TLS_CERT',
    z.string().optional(),
    'file with the certificate that this service shows over gRPC, in PEM; with the next two, both ends must have one. Unset: no TLS',
  ),
  grpcTlsKey: variable('GRPC_TLS_KEY', z.string().optional(), 'file with its private key, in PEM'),
  grpcTlsCa: variable('GRPC_TLS_CA', z.string().optional(), "file with the authority that issued the other services', in PEM"),
  grpcToken: variable(
    'GRPC_TOKEN',
    z
      .string()
      .regex(/^[\x21-\x7e]{16,512}$/, 'expected 16 to 512 printable characters')
      .optional(),
    'token that services show each other over gRPC; unset means none',
    { secret: true },
  ),
};

/** What every service reads: where it listens, how much it logs, where state lies, where traces go, whom it trusts. */
export const serviceVariables = {
  httpHost: variable('HTTP_HOST', z.string().default('127.0.0.1'), 'interface that HTTP listens on'),
  httpPort: variable('HTTP_PORT', portSchema(0), 'port of health, readiness, metrics and HTTP routes; 0 takes a free one'),
  logLevel: variable(
    'LOG_LEVEL',
    z.enum(['debug', 'info', 'warn', 'error', 'silent'], 'expected debug, info, warn, error or silent').default('info'),
    'least severe level that is logged',
  ),
  stateDir: variable(
    'DARKROOM_STATE_DIR',
    z.string().default('.darkroom'),
    'folder for everything the platform keeps on this machine',
  ),
  ...tracingVariables,
  ...grpcSecurityVariables,
};

/** What services with a gRPC server read besides. */
export const grpcVariables = {
  grpcHost: variable('GRPC_HOST', z.string().default('127.0.0.1'), 'interface that gRPC listens on'),
  grpcPort: variable('GRPC_PORT', portSchema(0), 'port of the gRPC server; 0 takes a free one'),
};

/** What services that use queues read. */
export const redisVariables = {
  redisUrl: variable('REDIS_URL', redisUrlSchema.default('redis://127.0.0.1:6379'), 'the Redis that holds the queues', {
    secret: true,
  }),
};

/** Where images are stored. */
export const blobVariables = {
  blobStoreUrl: variable(
    'BLOB_STORE_URL',
    z.url({ protocol: /^(file|s3)$/, hostname: /.*/, error: 'expected file:///folder or s3://bucket/prefix' }).optional(),
    'where images are stored: file:///folder or s3://bucket/prefix; unset means the folder "blobs" in DARKROOM_STATE_DIR',
  ),
  s3Endpoint: variable('S3_ENDPOINT', z.url().optional(), 'address of an S3-compatible server; unset means AWS'),
  s3Region: variable('S3_REGION', z.string().default('us-east-1'), 'region of the bucket'),
  s3AccessKeyId: variable('AWS_ACCESS_KEY_ID', z.string().optional(), 'S3 key id; unset leaves it to the AWS default chain'),
  s3SecretAccessKey: variable('AWS_SECRET_ACCESS_KEY', z.string().optional(), 'S3 secret of that key', { secret: true }),
};

/** Where model folders are, and how many threads a kernel may use. */
export const modelVariables = {
  modelsDir: variable('MODELS_DIR', z.string().default('models'), 'folder that holds one folder per model'),
  intraOpThreads: variable(
    'INTRA_OP_THREADS',
    integerSchema(1, 256).default(availableParallelism()),
    'threads that one kernel of a model may use',
  ),
};

/** What runs a model's kernels, for the services that run image models. */
export const executionVariables = {
  executionProvider: variable(
    'EXECUTION_PROVIDER',
    z.enum(['cpu', 'cuda', 'tensorrt'], 'expected cpu, cuda or tensorrt').default('cpu'),
    'what runs the models: cpu, cuda or tensorrt; where the machine lacks it the service ends with the reason',
  ),
  deviceId: variable('DEVICE_ID', integerSchema(0, 255).optional(), 'which of several GPUs; unset means the first'),
  deviceMemoryLimitBytes: variable(
    'DEVICE_MEMORY_LIMIT_BYTES',
    bytesSchema.optional(),
    "GPU memory that a graph's weights may take, as ONNX Runtime estimates; what does not fit stays on the CPU; for cuda",
  ),
  precision: variable(
    'PRECISION',
    z.enum(['fp32', 'fp16'], 'expected fp32 or fp16').default('fp32'),
    "which of the models' graphs are run: model.onnx (fp32) or model_fp16.onnx (fp16)",
  ),
};

/** Which of the model folders this service serves. */
export const modelListVariables = {
  models: variable(
    'MODELS',
    namesSchema,
    'names of the models to serve, separated by commas; unset means all that MODELS_DIR holds',
  ),
};
