import { Module } from '@nestjs/common';
import { AuditedModeration } from './audit/audited-moderation.js';
import { DecisionLog } from './audit/decision-log.js';
import { Moderation } from './moderation.js';
import { TenantPolicies } from './policy/tenant-policies.js';

/** Wires the moderator. */
@Module({ providers: [TenantPolicies, Moderation, DecisionLog, AuditedModeration] })
export class AppModule {}
