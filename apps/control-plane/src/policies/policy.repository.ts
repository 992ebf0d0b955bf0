import { AuditEntry, DarkroomError, newActId } from '@darkroom/contracts';
import { defaultPolicy, offPolicy, type PolicyDocument, parsePolicyDocument, policyDigest } from '@darkroom/safety-policy';
import { Injectable } from '@nestjs/common';
import { type Alongside, AuditLog } from '../audit/audit-log.js';
import type { Queries } from '../database/database.js';
import { Database } from '../database/database.provider.js';
import { and, asc, eq } from '../database/drizzle.js';
import { policies, tenantPolicies, tenants } from '../database/schema.js';

/** A policy that a tenant has of its own. */
export interface TenantPolicy {
  readonly digest: string;
  readonly document: PolicyDocument;
  readonly author: string;
  readonly createdAt: Date;
}

/** Which policy a tenant has, and which it had before; null is the default. */
export interface Active {
  readonly policyDigest: string | null;
  readonly previousPolicyDigest: string | null;
}

/** Policies that this version brings along. */
const builtIn = new Map([defaultPolicy, offPolicy(defaultPolicy)].map((document) => [policyDigest(document), document]));

/** Digest of the policy of tenants that have none of their own. */
export const defaultDigest = policyDigest(defaultPolicy);

/** Keeps policies, which never change, and which of them each tenant has. */
@Injectable()
export class PolicyRepository {
  private readonly database: Database;
  private readonly log: AuditLog;

  constructor(database: Database, log: AuditLog) {
    this.database = database;
    this.log = log;
  }

  /** Finds a policy by its digest: a tenant's, this version's default, or an earlier one's that decisions were made by. */
  async find(digest: string): Promise<PolicyDocument | undefined> {
    const json = await this.json(digest);
    return json === undefined ? undefined : parsePolicyDocument(JSON.parse(json));
  }

  /** Finds the JSON that a digest is of, as it was entered: what a later schema would add is not in it. */
  async json(digest: string): Promise<string | undefined> {
    const known = builtIn.get(digest);
    if (known !== undefined) return JSON.stringify(known);
    const [row] = await this.database.run((queries) => queries.select().from(policies).where(eq(policies.digest, digest)));
    return row?.document;
  }

  /** Keeps those of this version's own policies that decisions were made by, for the time when they are no more its own. */
  async remember(transaction: Queries, digests: Iterable<string>): Promise<void> {
    const kept = [...new Set(digests)].flatMap((digest) => {
      const document = builtIn.get(digest);
      return document === undefined ? [] : [{ digest, document: JSON.stringify(document) }];
    });
    if (kept.length > 0) await transaction.insert(policies).values(kept).onConflictDoNothing();
  }

  /** Lists a tenant's policies, the oldest first. */
  async list(tenantId: string): Promise<TenantPolicy[]> {
    const rows = await this.database.run((queries) =>
      queries
        .select({
          digest: policies.digest,
          document: policies.document,
          author: tenantPolicies.author,
          createdAt: tenantPolicies.createdAt,
        })
        .from(tenantPolicies)
        .innerJoin(policies, eq(policies.digest, tenantPolicies.digest))
        .where(eq(tenantPolicies.tenantId, tenantId))
        .orderBy(asc(tenantPolicies.createdAt), asc(policies.digest)),
    );
    return rows.map((row) => ({ ...row, document: parsePolicyDocument(JSON.parse(row.document)) }));
  }

  /** Enters a policy that a tenant may switch to, and returns its digest; entering it again changes nothing. */
  async create(tenantId: string, document: PolicyDocument, author: string): Promise<string> {
    const digest = policyDigest(document);
    if (await this.isOf(tenantId, digest)) return digest;
    await this.enter({ tenantId, act: 'create', actor: author, digest }, async (transaction) => {
      await transaction
        .insert(policies)
        .values({ digest, document: JSON.stringify(document) })
        .onConflictDoNothing();
      await transaction.insert(tenantPolicies).values({ tenantId, digest, author }).onConflictDoNothing();
    });
    return digest;
  }

  /** Says which policy a tenant has. */
  async active(tenantId: string): Promise<Active> {
    const { policyDigest, previousPolicyDigest } = tenants;
    const [row] = await this.database.run((queries) =>
      queries.select({ policyDigest, previousPolicyDigest }).from(tenants).where(eq(tenants.id, tenantId)),
    );
    return row ?? { policyDigest: null, previousPolicyDigest: null };
  }

  /**
   * Switches a tenant to one of its policies, or, with null, to the default; switching to the one that it has changes nothing.
   *
   * @throws {DarkroomError} Thrown with `not_found` when the tenant has no such policy.
   */
  async activate(tenantId: string, digest: string | null, author: string): Promise<void> {
    if (digest !== null && !(await this.isOf(tenantId, digest))) {
      throw new DarkroomError({ code: 'not_found', message: 'the tenant has no such policy; enter it first', param: 'digest' });
    }
    const { policyDigest } = await this.active(tenantId);
    if (policyDigest === digest) return;
    await this.enter({ tenantId, act: 'activate', actor: author, digest: digest ?? '' }, async (transaction) => {
      const change = { policyDigest: digest, previousPolicyDigest: tenants.policyDigest };
      await transaction.update(tenants).set(change).where(eq(tenants.id, tenantId));
    });
  }

  private async isOf(tenantId: string, digest: string): Promise<boolean> {
    const mine = and(eq(tenantPolicies.tenantId, tenantId), eq(tenantPolicies.digest, digest));
    const found = await this.database.run((queries) => queries.select().from(tenantPolicies).where(mine));
    return found.length > 0;
  }

  private async enter(policy: NonNullable<AuditEntry['policy']>, alongside: Alongside): Promise<void> {
    const entry = { id: newActId(), atMs: Date.now(), decision: undefined, review: undefined, policy, operator: undefined };
    await this.log.append([{ bytes: AuditEntry.encode(entry).finish(), place: entry.id }], alongside);
  }
}
