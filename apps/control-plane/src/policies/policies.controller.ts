import { DarkroomError } from '@darkroom/contracts';
import type { PolicyBody, PolicyListBody, PolicyPreviewBody } from '@darkroom/contracts/admin';
import { parseStrictly } from '@darkroom/contracts/http';
import { defaultPolicy, type PolicyDocument, parsePolicyDocument } from '@darkroom/safety-policy';
import { Body, Controller, Get, HttpCode, Param, Post, Query } from '@nestjs/common';
import { type Operator, personOf } from '../operators/operator.js';
import { Audited, CurrentOperator, Needs } from '../operators/route-rules.js';
import { TenantRepository } from '../tenants/tenant.repository.js';
import { DecisionReplay } from './decision-replay.js';
import { newPolicyBody, previewQuery, switchBody } from './policies.schemas.js';
import { defaultDigest, PolicyRepository } from './policy.repository.js';

const DAY_MS = 24 * 60 * 60 * 1000;

/** Names the default where a digest is asked for. */
const DEFAULT = 'default';

/** The moderation policies that tenants have of their own. */
@Controller('admin/v1')
export class PoliciesController {
  private readonly policies: PolicyRepository;
  private readonly replays: DecisionReplay;
  private readonly tenants: TenantRepository;

  constructor(policies: PolicyRepository, replays: DecisionReplay, tenants: TenantRepository) {
    this.policies = policies;
    this.replays = replays;
    this.tenants = tenants;
  }

  /** Shows a policy by its digest, or the default. */
  @Get('policies/:digest')
  @Needs('read')
  async show(@Param('digest') digest: string): Promise<PolicyBody> {
    return { digest: digest === DEFAULT ? defaultDigest : digest, document: await this.find(digest) };
  }

  /** Lists a tenant's policies, and which of them it has. */
  @Get('tenants/:tenant/policies')
  @Needs('read')
  async list(@Param('tenant') tenant: string): Promise<PolicyListBody> {
    return await this.view(await this.tenantId(tenant));
  }

  /** Enters a policy, which is not in force before it is activated. */
  @Post('tenants/:tenant/policies')
  @Needs('review')
  @Audited('policy.create', { subject: 'tenant' })
  async create(@Param('tenant') tenant: string, @Body() body: unknown, @CurrentOperator() operator: Operator) {
    const { author: named, document } = parseStrictly(newPolicyBody, body ?? {});
    const author = personOf(operator, named, 'author');
    const tenantId = await this.tenantId(tenant);
    return { digest: await this.policies.create(tenantId, parsed(document), author) };
  }

  /** Tells what a policy would have changed against the one that the tenant has. */
  @Get('tenants/:tenant/policies/:digest/preview')
  @Needs('read')
  async preview(
    @Param('tenant') tenant: string,
    @Param('digest') digest: string,
    @Query() query: unknown,
  ): Promise<PolicyPreviewBody> {
    const { days } = parseStrictly(previewQuery, query);
    const tenantId = await this.tenantId(tenant);
    const { policyDigest } = await this.policies.active(tenantId);
    const [before, after] = await Promise.all([this.find(policyDigest ?? DEFAULT), this.find(digest)]);
    return await this.replays.preview(tenantId, new Date(Date.now() - days * DAY_MS), before, after);
  }

  @Post('tenants/:tenant/policies/:digest/activate')
  @Needs('review')
  @Audited('policy.activate', { subject: 'tenant', facts: ['digest'] })
  @HttpCode(200)
  async activate(
    @Param('tenant') tenant: string,
    @Param('digest') digest: string,
    @Body() body: unknown,
    @CurrentOperator() operator: Operator,
  ) {
    const author = personOf(operator, parseStrictly(switchBody, body ?? {}).author, 'author');
    const tenantId = await this.tenantId(tenant);
    await this.policies.activate(tenantId, digest === DEFAULT ? null : digest, author);
    return await this.view(tenantId);
  }

  /** Switches back to the policy that the tenant had before. */
  @Post('tenants/:tenant/policies/rollback')
  @Needs('review')
  @Audited('policy.rollback', { subject: 'tenant' })
  @HttpCode(200)
  async rollBack(@Param('tenant') tenant: string, @Body() body: unknown, @CurrentOperator() operator: Operator) {
    const author = personOf(operator, parseStrictly(switchBody, body ?? {}).author, 'author');
    const tenantId = await this.tenantId(tenant);
    const { previousPolicyDigest } = await this.policies.active(tenantId);
    await this.policies.activate(tenantId, previousPolicyDigest, author);
    return await this.view(tenantId);
  }

  /** Makes every decision of the audit log again. */
  @Get('replay')
  @Needs('read')
  async replay() {
    return await this.replays.all();
  }

  private async view(tenantId: string): Promise<PolicyListBody> {
    const [data, { policyDigest, previousPolicyDigest }] = await Promise.all([
      this.policies.list(tenantId),
      this.policies.active(tenantId),
    ]);
    return {
      object: 'list',
      active: policyDigest ?? DEFAULT,
      previous: previousPolicyDigest ?? DEFAULT,
      data: data.map(({ digest, document, author, createdAt }) => ({
        digest,
        version: document.version,
        author,
        created_at: createdAt.toISOString(),
      })),
    };
  }

  private async tenantId(idOrName: string): Promise<string> {
    const tenant = await this.tenants.find(idOrName);
    if (tenant !== undefined) return tenant.id;
    throw new DarkroomError({ code: 'not_found', message: 'there is no such tenant', param: 'tenant' });
  }

  private async find(digest: string): Promise<PolicyDocument> {
    const document = digest === DEFAULT ? defaultPolicy : await this.policies.find(digest);
    if (document !== undefined) return document;
    throw new DarkroomError({ code: 'not_found', message: 'there is no such policy', param: 'digest' });
  }
}

function parsed(document: unknown): PolicyDocument {
  try {
    return parsePolicyDocument(document);
  } catch (cause) {
    const message = (cause as Error).message;
    throw new DarkroomError({ code: 'invalid_argument', message, param: 'document', cause });
  }
}
