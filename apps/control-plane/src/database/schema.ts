import type { Scope } from '@darkroom/contracts';
import type { AuditKind, JournalStatus, OperatorRole, ReviewStatus, SignInWay } from '@darkroom/contracts/admin';
import type { GenerationDefaults } from '@darkroom/contracts/http';
import {
  bigint,
  boolean,
  customType,
  doublePrecision,
  index,
  integer,
  isNotNull,
  jsonb,
  ne,
  pgTable,
  primaryKey,
  sql,
  text,
  timestamp,
} from './drizzle.js';

/** Bytes; PGlite gives them as a plain Uint8Array. */
const bytea = customType<{ data: Buffer; driverData: Uint8Array }>({
  dataType: () => 'bytea',
  fromDriver: (bytes) => Buffer.from(bytes),
});

const moment = (name: string) => timestamp(name, { withTimezone: true });

/** Who owns keys and pays for work; a limit that is null is none. */
export const tenants = pgTable('tenants', {
  id: text('id').primaryKey(),
  name: text('name').notNull().unique(),
  createdAt: moment('created_at').notNull().defaultNow(),
  /** Share of compute beside other tenants that have work; null is the usual 1. */
  weight: doublePrecision('weight'),
  requestsPerMinute: integer('requests_per_minute'),
  computeUnitsPerMinute: bigint('compute_units_per_minute', { mode: 'number' }),
  computeUnitsPerMonth: bigint('compute_units_per_month', { mode: 'number' }),
  concurrentGenerations: integer('concurrent_generations'),
  /** Models that may be used; null is all. */
  models: text('models').array(),
  /** Parameters of requests that don't give them. */
  defaults: jsonb('defaults').$type<GenerationDefaults>(),
  /** The moderation policy that it has of its own, and the one before; null is the default. */
  policyDigest: text('policy_digest'),
  previousPolicyDigest: text('previous_policy_digest'),
});

/** API keys; of the secret only its SHA-256 is kept. */
export const apiKeys = pgTable('api_keys', {
  id: text('id').primaryKey(),
  tenantId: text('tenant_id')
    .notNull()
    .references(() => tenants.id),
  name: text('name').notNull(),
  secretHash: text('secret_hash').notNull().unique(),
  /** The secret's first characters, so that people can tell their keys apart. */
  prefix: text('prefix').notNull(),
  createdAt: moment('created_at').notNull().defaultNow(),
  revokedAt: moment('revoked_at'),
  scopes: text('scopes').array().$type<Scope[]>().notNull(),
  expiresAt: moment('expires_at'),
  /** To about a minute. */
  lastUsedAt: moment('last_used_at'),
  /** Of this key alone, within its tenant's limit; null is none. */
  requestsPerMinute: integer('requests_per_minute'),
});

/** How a generation can end that something is charged for. */
export const outcomes = ['succeeded', 'cancelled', 'deadline_exceeded'] as const;

/** How a generation ended. */
export type Outcome = (typeof outcomes)[number];

/** One row per generation that has ended with something to charge; its primary key is what makes recording it twice harmless. */
export const usageLedger = pgTable(
  'usage_ledger',
  {
    generationId: text('generation_id').primaryKey(),
    tenantId: text('tenant_id')
      .notNull()
      .references(() => tenants.id),
    keyId: text('key_id')
      .notNull()
      .references(() => apiKeys.id),
    model: text('model').notNull(),
    imageCount: integer('image_count').notNull(),
    width: integer('width').notNull(),
    height: integer('height').notNull(),
    steps: integer('steps').notNull(),
    guidancePasses: integer('guidance_passes').notNull(),
    /** Samples that the transformer evaluated, over all images; 0 where the service that recorded it didn't know. */
    evaluations: bigint('evaluations', { mode: 'number' }).notNull().default(0),
    outcome: text('outcome').$type<Outcome>().notNull().default('succeeded'),
    /** Pixels × evaluations; steps × guidance passes × images where those are not known: what the work is priced in. */
    computeUnits: bigint('compute_units', { mode: 'number' }).notNull(),
    kernelMs: doublePrecision('kernel_ms').notNull(),
    recordedAt: moment('recorded_at').notNull().defaultNow(),
  },
  (table) => [index('usage_ledger_tenant_recorded_at').on(table.tenantId, table.recordedAt)],
);

/** Where tenants are told of their generations' ends; secrets are sealed by the control plane's key. */
export const webhooks = pgTable(
  'webhooks',
  {
    id: text('id').primaryKey(),
    tenantId: text('tenant_id')
      .notNull()
      .references(() => tenants.id),
    url: text('url').notNull(),
    events: text('events').array().notNull(),
    description: text('description').notNull(),
    /** Address of the gateway as the webhook's owner reached it. */
    gatewayUrl: text('gateway_url').notNull(),
    enabled: boolean('enabled').notNull().default(true),
    /** Why the platform disabled it; empty when it is enabled, or its owner did. */
    disabledReason: text('disabled_reason').notNull().default(''),
    sealedSecret: text('sealed_secret').notNull(),
    /** The secret before the last rotation, and until when it signs beside the other. */
    sealedPreviousSecret: text('sealed_previous_secret'),
    previousSecretUntil: moment('previous_secret_until'),
    createdAt: moment('created_at').notNull().defaultNow(),
  },
  (table) => [index('webhooks_tenant').on(table.tenantId)],
);

/** Ends of generations that webhooks are to be told of, until their deliveries in Redis have ended. */
export const owedMessages = pgTable(
  'owed_messages',
  {
    generationId: text('generation_id').notNull(),
    webhookId: text('webhook_id')
      .notNull()
      .references(() => webhooks.id, { onDelete: 'cascade' }),
    endedAt: moment('ended_at').notNull(),
  },
  (table) => [primaryKey({ columns: [table.generationId, table.webhookId] }), index('owed_messages_webhook').on(table.webhookId)],
);

/** The audit log: a chain, since each entry's hash is made of its bytes and the hash before. */
export const auditLog = pgTable(
  'audit_log',
  {
    /** Its number, from 1 without gaps. */
    sequence: bigint('sequence', { mode: 'number' }).primaryKey(),
    id: text('id').notNull().unique(),
    /** What follows repeats the entry, to look for it by; empty where it has none. */
    at: moment('at').notNull(),
    kind: text('kind').$type<AuditKind>().notNull(),
    tenantId: text('tenant_id').notNull(),
    generationId: text('generation_id').notNull(),
    stage: text('stage').notNull(),
    action: text('action').notNull(),
    category: text('category').notNull(),
    /** The entry that it is about; empty for what is about none. */
    subject: text('subject').notNull(),
    /** An AuditEntry as its author wrote it. */
    entry: bytea('entry').notNull(),
    hash: bytea('hash').notNull(),
  },
  (table) => [index('audit_log_generation').on(table.generationId), index('audit_log_tenant_at').on(table.tenantId, table.at)],
);

/** The one row that says where the audit log ends; who enters something holds it. */
export const auditHead = pgTable('audit_head', {
  only: boolean('only').primaryKey().default(true),
  sequence: bigint('sequence', { mode: 'number' }).notNull(),
  hash: bytea('hash').notNull(),
});

/** Decisions that a person is to look at: what was flagged, and what a tenant appealed against. */
export const reviews = pgTable('reviews', {
  decisionId: text('decision_id')
    .primaryKey()
    .references(() => auditLog.id),
  /** What follows repeats the decision, to look for it by. */
  tenantId: text('tenant_id').notNull(),
  generationId: text('generation_id').notNull(),
  stage: text('stage').notNull(),
  action: text('action').notNull(),
  category: text('category').notNull(),
  status: text('status').$type<ReviewStatus>().notNull().default('open'),
  openedAt: moment('opened_at').notNull().defaultNow(),
  /** The tenant's words, and when they came; null where it has not appealed. */
  appealedAt: moment('appealed_at'),
  appeal: text('appeal'),
  resolvedAt: moment('resolved_at'),
  resolvedBy: text('resolved_by'),
  /** What the reviewer tells the tenant. */
  reason: text('reason'),
});

/** What reviewers tell one another about a decision. */
export const reviewNotes = pgTable('review_notes', {
  /** Of the audit log's entry. */
  id: text('id').primaryKey(),
  decisionId: text('decision_id')
    .notNull()
    .references(() => reviews.decisionId),
  author: text('author').notNull(),
  text: text('text').notNull(),
  createdAt: moment('created_at').notNull().defaultNow(),
});

/** Moderation policies by their digests: those of tenants, and each default that decisions were made by. */
export const policies = pgTable('policies', {
  digest: text('digest').primaryKey(),
  /** The JSON that the digest is of. */
  document: text('document').notNull(),
  createdAt: moment('created_at').notNull().defaultNow(),
});

/** Which policies tenants may switch to. */
export const tenantPolicies = pgTable(
  'tenant_policies',
  {
    tenantId: text('tenant_id')
      .notNull()
      .references(() => tenants.id),
    digest: text('digest')
      .notNull()
      .references(() => policies.digest),
    author: text('author').notNull(),
    createdAt: moment('created_at').notNull().defaultNow(),
  },
  (table) => [primaryKey({ columns: [table.tenantId, table.digest] })],
);

/** How a generation stands. */
export type GenerationStatus = JournalStatus;

/** The journal: one row per generation that was accepted. It refers to no other table, since a batch of many tenants is entered at once. */
export const generations = pgTable(
  'generations',
  {
    id: text('id').primaryKey(),
    tenantId: text('tenant_id').notNull(),
    keyId: text('key_id').notNull(),
    model: text('model').notNull(),
    kind: text('kind').$type<'generation' | 'edit'>().notNull(),
    status: text('status').$type<GenerationStatus>().notNull().default('accepted'),
    errorCode: text('error_code'),
    errorMessage: text('error_message'),
    createdAt: moment('created_at').notNull(),
    startedAt: moment('started_at'),
    endedAt: moment('ended_at'),
    imageCount: integer('image_count').notNull(),
    width: integer('width').notNull(),
    height: integer('height').notNull(),
    steps: integer('steps').notNull(),
    /** Of device time, as foreseen when it was accepted; 0 when nothing was known. */
    expectedSeconds: doublePrecision('expected_seconds').notNull(),
    /** How often a worker has begun with it. */
    attempts: integer('attempts').notNull().default(0),
    /** The worker that had it last; null when that is not known. */
    worker: text('worker'),
    /** SHA-256 of its Idempotency-Key and of its request, in base64url; null where it has none. */
    idempotencyKey: text('idempotency_key'),
    requestDigest: text('request_digest'),
    cancelRequestedAt: moment('cancel_requested_at'),
    /** Its GenerationJob, from which it can be put into its queue again; null once it has ended. */
    job: bytea('job'),
  },
  (table) => [
    index('generations_tenant').on(table.tenantId, table.id),
    index('generations_unfinished').on(table.id).where(sql`${table.status} in ('accepted', 'running')`),
    index('generations_idempotency').on(table.tenantId, table.idempotencyKey).where(isNotNull(table.idempotencyKey)),
    index('generations_status').on(table.status, table.id).where(ne(table.status, 'succeeded')),
    index('generations_error').on(table.errorCode, table.id).where(isNotNull(table.errorCode)),
    index('generations_model').on(table.model, table.id),
    index('generations_key').on(table.keyId, table.id),
    index('generations_worker').on(table.worker, table.id).where(isNotNull(table.worker)),
  ],
);

/** Operators who sign in with a password; those of an OpenID provider have no row. */
export const operators = pgTable('operators', {
  id: text('id').primaryKey(),
  name: text('name').notNull().unique(),
  role: text('role').$type<OperatorRole>().notNull(),
  /** By scrypt, with its parameters and salt. */
  passwordHash: text('password_hash').notNull(),
  disabledAt: moment('disabled_at'),
  createdAt: moment('created_at').notNull().defaultNow(),
  lastSignInAt: moment('last_sign_in_at'),
});

/** Who has signed in to the dashboard; of the cookie's secret only its SHA-256 is kept. */
export const sessions = pgTable('sessions', {
  secretHash: text('secret_hash').primaryKey(),
  /** Null for an operator of an OpenID provider. */
  operatorId: text('operator_id').references(() => operators.id),
  name: text('name').notNull(),
  role: text('role').$type<OperatorRole>().notNull(),
  via: text('via').$type<SignInWay>().notNull(),
  createdAt: moment('created_at').notNull().defaultNow(),
  expiresAt: moment('expires_at').notNull(),
  /** To about a minute. */
  lastSeenAt: moment('last_seen_at').notNull().defaultNow(),
});

/** Models that gateways have told of; rows stay when nobody serves them any more. */
export const models = pgTable('models', {
  name: text('name').primaryKey(),
  /** As in receipts; empty where no gateway knows it. */
  digest: text('digest').notNull(),
  defaultSteps: integer('default_steps').notNull(),
  firstSeenAt: moment('first_seen_at').notNull().defaultNow(),
  /** To about a minute. */
  lastSeenAt: moment('last_seen_at').notNull().defaultNow(),
  /** Since when it takes no new requests; null for one that does. */
  retiredAt: moment('retired_at'),
  retiredBy: text('retired_by'),
});

/** Which revision each model is meant to be. */
export const modelRegistrations = pgTable('model_registrations', {
  model: text('model').primaryKey(),
  /** As in receipts. */
  digest: text('digest').notNull(),
  /** Where it is to be had, for people: a URL without a password. */
  source: text('source').notNull(),
  /** Whether gateways that have another one don't offer the model. */
  required: boolean('required').notNull(),
  registeredAt: moment('registered_at').notNull().defaultNow(),
  registeredBy: text('registered_by').notNull(),
});

/** How a canary can stand; of a model, all but one at most are `retired`. */
export const canaryStates = ['active', 'rolled_back', 'retired'] as const;

/** How a canary stands. */
export type CanaryState = (typeof canaryStates)[number];

/** Newer revisions of models, with the part of the model's requests that they get. */
export const canaries = pgTable(
  'canaries',
  {
    model: text('model').notNull(),
    revision: text('revision').notNull(),
    state: text('state').$type<CanaryState>().notNull(),
    /** From 0 to 100. */
    percent: doublePrecision('percent').notNull(),
    minGenerations: integer('min_generations').notNull(),
    maxErrorIncrease: doublePrecision('max_error_increase').notNull(),
    maxRefusalIncrease: doublePrecision('max_refusal_increase').notNull(),
    significance: doublePrecision('significance').notNull(),
    /** Why it was taken back. */
    reason: text('reason'),
    /** Generations that ended before say nothing of it as it is now. */
    watchedFrom: moment('watched_from').notNull().defaultNow(),
    changedAt: moment('changed_at').notNull().defaultNow(),
    changedBy: text('changed_by').notNull(),
  },
  (table) => [primaryKey({ columns: [table.model, table.revision] })],
);
