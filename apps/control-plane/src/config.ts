import { fileURLToPath } from 'node:url';
import {
  blobVariables,
  defineConfig,
  grpcVariables,
  keySchema,
  redisUrlSchema,
  serviceVariables,
  variable,
} from '@darkroom/service-kit';
import { z } from 'zod';

/** The control plane's configuration; the only reader of its environment. */
export class Config extends defineConfig({
  service: 'control-plane',
  summary: 'Owns the database: tenants, API keys, the usage ledger and the audit log.',
  environment: process.env,
  variables: {
    ...serviceVariables,
    ...grpcVariables,
    ...blobVariables,
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
      'the Redis in which entries of the audit log wait; unset means that none are taken over',
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
    webhookSecretsKey: variable(
      'WEBHOOK_SECRETS_KEY',
      keySchema.optional(),
      "key that webhooks' secrets are sealed with, 32 bytes in base64; unset means one that is made once and kept in DARKROOM_STATE_DIR",
      { secret: true },
    ),
  },
}) {}
