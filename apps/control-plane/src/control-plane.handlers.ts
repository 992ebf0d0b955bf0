import {
  type ControlPlaneServiceService,
  DarkroomError,
  type GetMonthlyUsageRequest,
  type GetMonthlyUsageResponse,
  type RecordUsageRequest,
  type RecordUsageResponse,
  type SummariseUsageRequest,
  type SummariseUsageResponse,
  type VerifyKeyRequest,
  type VerifyKeyResponse,
} from '@darkroom/contracts';
import { usageGroupings } from '@darkroom/contracts/http';
import type { Handlers } from '@darkroom/service-kit';
import { Injectable } from '@nestjs/common';
import { type Outcome, outcomes } from './database/schema.js';
import { KeyService } from './keys/key.service.js';
import { viewVerifiedKey } from './keys/verified-key.js';
import { MonthlyUsage } from './usage/monthly-usage.js';
import { UsageRepository } from './usage/usage.repository.js';
import { UsageSummary } from './usage/usage-summary.js';

/** What the other services may ask over gRPC. */
@Injectable()
export class ControlPlaneHandlers implements Handlers<typeof ControlPlaneServiceService> {
  private readonly keys: KeyService;
  private readonly usage: UsageRepository;
  private readonly monthlyUsage: MonthlyUsage;
  private readonly summary: UsageSummary;

  constructor(keys: KeyService, usage: UsageRepository, monthlyUsage: MonthlyUsage, summary: UsageSummary) {
    this.keys = keys;
    this.usage = usage;
    this.monthlyUsage = monthlyUsage;
    this.summary = summary;
  }

  async verifyKey({ secret }: VerifyKeyRequest): Promise<VerifyKeyResponse> {
    const { key, tenant } = await this.keys.verify(secret);
    return viewVerifiedKey(key, tenant, await this.monthlyUsage.of(tenant.id));
  }

  async recordUsage(request: RecordUsageRequest): Promise<RecordUsageResponse> {
    const missing = (['generationId', 'tenantId', 'keyId', 'model'] as const).find((field) => request[field] === '');
    if (missing !== undefined) {
      throw new DarkroomError({ code: 'invalid_argument', message: `${missing} must not be empty`, param: missing });
    }
    return { recorded: await this.usage.record({ ...request, outcome: parseOutcome(request.outcome) }) };
  }

  async getMonthlyUsage({ tenantId }: GetMonthlyUsageRequest): Promise<GetMonthlyUsageResponse> {
    return { computeUnits: await this.monthlyUsage.of(tenantId) };
  }

  async summariseUsage({ tenantId, keyId, groupBy, ...time }: SummariseUsageRequest): Promise<SummariseUsageResponse> {
    if (tenantId === '') {
      throw new DarkroomError({ code: 'invalid_argument', message: 'tenantId must not be empty', param: 'tenantId' });
    }
    const groupings = usageGroupings.filter((name) => groupBy.includes(name));
    return { sums: await this.summary.of({ tenantId, keyId: keyId || undefined, groupBy: groupings, ...time }) };
  }
}

/** Reads an outcome; services that know of none tell only what succeeded. */
function parseOutcome(outcome: string): Outcome {
  const known = outcomes.find((name) => name === (outcome || 'succeeded'));
  if (known !== undefined) return known;
  throw new DarkroomError({
    code: 'invalid_argument',
    message: `outcome must be one of ${outcomes.join(', ')}`,
    param: 'outcome',
  });
}
