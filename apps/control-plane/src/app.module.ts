import { Module } from '@nestjs/common';
import { AdminController } from './admin/admin.controller.js';
import { ControlPlaneHandlers } from './control-plane.handlers.js';
import { Database } from './database/database.provider.js';
import { KeyRepository } from './keys/key.repository.js';
import { KeyService } from './keys/key.service.js';
import { TenantRepository } from './tenants/tenant.repository.js';
import { MonthlyUsage } from './usage/monthly-usage.js';
import { UsageRepository } from './usage/usage.repository.js';
import { UsageSummary } from './usage/usage-summary.js';
import { SecretBox } from './webhooks/secret-box.js';
import { WebhookHandlers } from './webhooks/webhook.handlers.js';
import { WebhookRepository } from './webhooks/webhook.repository.js';

@Module({
  controllers: [AdminController],
  providers: [
    Database,
    TenantRepository,
    KeyRepository,
    KeyService,
    UsageRepository,
    MonthlyUsage,
    UsageSummary,
    ControlPlaneHandlers,
    SecretBox,
    WebhookRepository,
    WebhookHandlers,
  ],
})
export class AppModule {}
