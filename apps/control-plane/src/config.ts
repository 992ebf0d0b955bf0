import { fileURLToPath } from 'node:url';
import {
  blobVariables,
  defineConfig,
  grpcVariables,
  integerSchema,
  keySchema,
  redisUrlSchema,
  serviceVariables,
  variable,
} from '@darkroom/service-kit';
import { z } from 'zod';
import { openIdVariables } from './operators/openid/variables.js';

/** The control plane's configuration; the only reader of its environment. */
export class Config extends defineConfig({
  service: 'control-plane',
  summary: 'Owns the database: tenants, API keys, the usage ledger and the audit log.',
  environment: process.env,
  variables: {
    ...serviceVariables,
    ...grpcVariables,
    ...blobVariables,
    ...openIdVariables,
    databaseUrl: variable(
      'DATABASE_URL',
      z
        .url({ protocol: /^postgres(ql)?$/, hostname: /.*/, error: 'expected postgres://user:password@host:port/database' })
        .optional(),
      'the PostgreSQL to use; unset means an embedded one in the folder "database" of DARKROOM_STATE_DIR',
      { secret: true },
    ),
    redisUrl: variable(
      'REDIS_URL',
      redisUrlSchema.optional(),
      'the Redis of the queues, in which entries of the audit log wait as well; unset means that none are taken over, and nothing is known of the queues',
      { secret: true },
    ),
    adminToken: variable('ADMIN_TOKEN', z.string().min(16, 'expected 16 characters or more'), 'bearer token of the admin API', {
      secret: true,
    }),
    dashboardDir: variable(
      'DASHBOARD_DIR',
      z.string().default(fileURLToPath(new URL('../../dashboard/dist', import.meta.url))),
      'folder with the built dashboard, which is served at /',
    ),
    redteamDir: variable(
      'REDTEAM_DIR',
      z.string().min(1).optional(),
      "folder of the red team's `findings`; unset: none are shown",
    ),
    redteamReport: variable('REDTEAM_REPORT', z.string().min(1).optional(), "the red team's `report.json`; unset: none is shown"),
    dashboardUrl: variable(
      'DASHBOARD_URL',
      z.url({ protocol: /^https?$/, hostname: /.*/, error: 'expected http://host or https://host' }).optional(),
      "address under which operators reach the dashboard; unset means the request's own",
    ),
    dashboardShowPrompts: variable(
      'DASHBOARD_SHOW_PROMPTS',
      z.stringbool({ truthy: ['true', '1'], falsy: ['false', '0'], error: 'expected true or false' }).default(true),
      'whether operators who may see content may read prompts; false shows them to nobody',
    ),
    traceUrlTemplate: variable(
      'TRACE_URL_TEMPLATE',
      z
        .url({ protocol: /^https?$/, hostname: /.*/, error: 'expected http://host/{trace_id} or https://host/{trace_id}' })
        .refine((url) => url.includes('{trace_id}'), 'expected {trace_id} where the id of the trace belongs')
        .optional(),
      'where a trace can be looked at, with {trace_id} for its id; unset means that the dashboard shows the id alone',
    ),
    kubernetes: variable(
      'KUBERNETES_API',
      z
        .string()
        .regex(/^(in-cluster|none|https?:\/\/\S+)$/, 'expected in-cluster, none, or an address like http://127.0.0.1:8001')
        .default('none'),
      'whom to ask for nodes and fleets: in-cluster, none, or the address of an API server or of `kubectl proxy`',
    ),
    kubernetesNamespace: variable(
      'KUBERNETES_NAMESPACE',
      z
        .string()
        .regex(/^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/, 'expected the name of a namespace')
        .default('default'),
      'the namespace that the fleets are in',
    ),
    devicePricePerHour: variable(
      'DEVICE_PRICE_PER_HOUR',
      z.coerce.number('expected a number').min(0, 'expected 0 or more').optional(),
      'what an hour of a device costs, in any currency; unset means that cost is told in seconds of devices alone',
    ),
    journalRetentionDays: variable(
      'JOURNAL_RETENTION_DAYS',
      integerSchema(0, 36_500).default(400),
      'days that the journal keeps a generation after its end; 0 keeps all',
    ),
    webhookSecretsKey: variable(
      'WEBHOOK_SECRETS_KEY',
      keySchema.optional(),
      "key that webhooks' secrets are sealed with, 32 bytes in base64; unset means one that is made once and kept in DARKROOM_STATE_DIR",
      { secret: true },
    ),
  },
}) {}
