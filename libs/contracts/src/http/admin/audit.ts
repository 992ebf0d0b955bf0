import type { HarmCategory } from '../../safety/taxonomy.js';

/** What an entry of the audit log can be about; what nobody can read is kept as well. */
export const auditKinds = ['decision', 'review', 'policy', 'operator', 'unreadable'] as const;

/** What an entry of the audit log is about. */
export type AuditKind = (typeof auditKinds)[number];

/** What a classifier made of one category. */
export interface ScoreBody {
  readonly category: string;
  /** How sure it is, 0 to 1. */
  readonly score: number;
  /** How grave it is, 0 to 3; 0 when it is not sure enough. */
  readonly severity: number;
  /** Category and rule; empty when nothing was found. */
  readonly reason: string;
}

/** A decision on a prompt or a picture. */
export interface DecisionBody {
  readonly tenant: string;
  readonly key: string;
  readonly generation_id: string;
  readonly stage: string;
  readonly image: number;
  readonly level: string;
  readonly action: string;
  readonly category: HarmCategory | (string & {}) | null;
  readonly reason: string | null;
  readonly scores: readonly ScoreBody[];
  readonly classifiers: readonly string[];
  readonly calibration: string | null;
  readonly policy_version: string;
  readonly policy_digest: string;
  readonly latency_ms: number;
  readonly content_hmac: string;
}

/** Something done in a review. */
export interface ReviewActBody {
  readonly decision_id: string;
  readonly tenant: string;
  readonly generation_id: string | null;
  readonly act: string;
  /** Who did it; null for the tenant. */
  readonly reviewer: string | null;
  readonly text_sha256: string | null;
}

/** A policy entered or switched to. */
export interface PolicyActBody {
  readonly tenant: string;
  readonly act: string;
  readonly author: string;
  /** Null for the default. */
  readonly digest: string | null;
}

/** Something that an operator did, or tried to. */
export interface OperatorActBody {
  readonly name: string;
  readonly role: string;
  readonly via: string;
  readonly action: string;
  readonly subject: string | null;
  readonly outcome: string;
  readonly facts: Readonly<Record<string, string>>;
}

/** An entry of the audit log; of what it is about, that one part is there. */
export interface AuditEntryBody {
  /** Its number, from 1 without gaps. */
  readonly sequence: number;
  readonly id: string;
  readonly kind: AuditKind;
  readonly at: string;
  /** In hexadecimal: of the hash before it and its own bytes. */
  readonly hash: string;
  readonly decision?: DecisionBody;
  readonly review?: ReviewActBody;
  readonly policy?: PolicyActBody;
  readonly operator?: OperatorActBody;
}

/** What was found when the whole log was read. */
export interface VerificationBody {
  readonly intact: boolean;
  readonly entries: number;
  /** The last hash in hexadecimal. */
  readonly hash: string;
  readonly problems: readonly { readonly sequence: number; readonly what: string }[];
}
