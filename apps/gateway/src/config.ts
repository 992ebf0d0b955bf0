import { fileURLToPath } from 'node:url';
import {
  addressSchema,
  blobVariables,
  defineConfig,
  integerSchema,
  modelListVariables,
  namesSchema,
  portSchema,
  redisVariables,
  serviceVariables,
  switchSchema,
  variable,
} from '@darkroom/service-kit';
import ipaddr from 'ipaddr.js';
import { z } from 'zod';
import { canariesSchema } from './models/canary-setting.js';

/** Longest wait between two attempts at a delivery: as long as one is kept. */
const LONGEST_RETRY_SECONDS = 3 * 24 * 60 * 60;
const secondsMessage = `expected whole numbers from 0 to ${LONGEST_RETRY_SECONDS}, separated by commas`;

/** Checks a comma-separated list of seconds. */
const retrySecondsSchema = z
  .string()
  .regex(/^\d{1,6}(,\d{1,6})*$/, secondsMessage)
  .transform((text) => text.split(',').map(Number))
  .refine((seconds) => seconds.every((value) => value <= LONGEST_RETRY_SECONDS), secondsMessage);

/** The gateway's configuration; the only reader of its environment. */
export class Config extends defineConfig({
  service: 'gateway',
  summary: 'The HTTP API: takes requests for images, admits them to the queue and answers with the result.',
  environment: process.env,
  variables: {
    ...serviceVariables,
    httpPort: variable('HTTP_PORT', portSchema(8080), 'port of the HTTP API; 0 takes a free one'),
    ...redisVariables,
    ...blobVariables,
    ...modelListVariables,
    modelsDir: variable('MODELS_DIR', z.string().default('models'), 'folder that holds one folder per model'),
    modelCanaries: variable(
      'MODEL_CANARIES',
      canariesSchema,
      'newer revisions of models and the percentage of requests that they get: MODEL=REVISION:PERCENT, separated by commas; unset means none',
    ),
    controlPlaneAddress: variable('CONTROL_PLANE_ADDRESS', addressSchema, 'where the control plane listens'),
    moderatorAddress: variable('MODERATOR_ADDRESS', addressSchema, 'where the moderator listens'),
    promptEncoderAddress: variable('PROMPT_ENCODER_ADDRESS', addressSchema, 'where the prompt encoder listens'),
    vaeDecoderAddress: variable('VAE_DECODER_ADDRESS', addressSchema, 'where the VAE decoder listens, which knows our pictures'),
    publicUrl: variable(
      'PUBLIC_URL',
      z.url({ protocol: /^https?$/, hostname: /.*/, error: 'expected http://host or https://host' }).optional(),
      "address under which clients reach the gateway, for image URLs; unset means the request's own",
    ),
    fileUrlSecret: variable(
      'FILE_URL_SECRET',
      z.string().min(32, 'expected 32 characters or more').optional(),
      'secret that signs image URLs; unset means one that is made once and kept in DARKROOM_STATE_DIR',
      { secret: true },
    ),
    playgroundDir: variable(
      'PLAYGROUND_DIR',
      z.string().default(fileURLToPath(new URL('../../playground/dist', import.meta.url))),
      'folder with the built playground, which is served at /',
    ),
    queueLimitSeconds: variable(
      'QUEUE_LIMIT_SECONDS',
      integerSchema(1, 86_400).default(900),
      'longest that a generation may have to wait for its turn, as foreseen; one that would wait longer is refused with 429',
    ),
    queueLimitJobs: variable(
      'QUEUE_LIMIT_JOBS',
      integerSchema(1, 1_000_000).default(10_000),
      'most generations that may wait for a model, of all tenants; one more is refused with 429',
    ),
    syncTimeoutSeconds: variable(
      'SYNC_TIMEOUT_SECONDS',
      integerSchema(1, 3600).default(300),
      'longest wait for a result before the client is told to poll for it',
    ),
    keyCacheSeconds: variable(
      'KEY_CACHE_SECONDS',
      integerSchema(0, 300).default(10),
      'how long a verified API key is remembered: so long a revoked one may still be let in; 0 asks at each request',
    ),
    defaultRequestsPerMinute: variable(
      'DEFAULT_REQUESTS_PER_MINUTE',
      integerSchema(1, 1_000_000).optional(),
      'requests a minute of tenants that have no limit of their own; unset means no limit, as it does for the next three',
    ),
    defaultComputeUnitsPerMinute: variable(
      'DEFAULT_COMPUTE_UNITS_PER_MINUTE',
      integerSchema(1, 1e15).optional(),
      'compute units (pixels x steps x guidance passes) a minute of such tenants',
    ),
    defaultComputeUnitsPerMonth: variable(
      'DEFAULT_COMPUTE_UNITS_PER_MONTH',
      integerSchema(1, 1e15).optional(),
      'compute units a calendar month (UTC) of such tenants',
    ),
    defaultConcurrentGenerations: variable(
      'DEFAULT_CONCURRENT_GENERATIONS',
      integerSchema(1, 100_000).optional(),
      'generations of such tenants that may wait or run at a time',
    ),
    webhookAllowHttp: variable('WEBHOOK_ALLOW_HTTP', switchSchema, 'whether webhooks may be http, and not only https'),
    webhookAllowedNetworks: variable(
      'WEBHOOK_ALLOWED_NETWORKS',
      namesSchema.refine(
        (networks) => networks === undefined || networks.every((network) => ipaddr.isValidCIDR(network)),
        'expected networks like 10.1.0.0/16, separated by commas',
      ),
      'networks that webhooks may lead into although they are not public, in CIDR notation; unset means none',
    ),
    webhookRetrySeconds: variable(
      'WEBHOOK_RETRY_SECONDS',
      // After Standard Webhooks' recommendation.
      retrySecondsSchema.default([5, 300, 1800, 7200, 18_000, 36_000, 50_400, 72_000, 86_400]),
      'seconds between the attempts at a delivery, separated by commas; one more attempt is made than there are numbers',
    ),
  },
}) {}
