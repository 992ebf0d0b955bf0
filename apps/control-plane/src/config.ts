import { defineConfig, grpcVariables, serviceVariables, variable } from '@darkroom/service-kit';
import { z } from 'zod';

/** The control plane's configuration; the only reader of its environment. */
export class Config extends defineConfig({
  service: 'control-plane',
  summary: 'Owns the database: tenants, API keys and the usage ledger.',
  environment: process.env,
  variables: {
    ...serviceVariables,
    ...grpcVariables,
    databaseUrl: variable(
      'DATABASE_URL',
      z
        .url({ protocol: /^postgres(ql)?$/, hostname: /.*/, error: 'expected postgres://user:password@host:port/database' })
        .optional(),
      'the PostgreSQL to use; unset means an embedded one in the folder "database" of DARKROOM_STATE_DIR',
      { secret: true },
    ),
    adminToken: variable('ADMIN_TOKEN', z.string().min(16, 'expected 16 characters or more'), 'bearer token of the admin API', {
      secret: true,
    }),
    webhookSecretsKey: variable(
      'WEBHOOK_SECRETS_KEY',
      z
        .base64('expected base64')
        .transform((text) => Buffer.from(text, 'base64'))
        .refine((key) => key.length === 32, 'expected 32 bytes in base64')
        .optional(),
      "key that webhooks' secrets are sealed with, 32 bytes in base64; unset means one that is made once and kept in DARKROOM_STATE_DIR",
      { secret: true },
    ),
  },
}) {}
