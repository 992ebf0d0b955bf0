import type { HarmCategory } from '../../safety/taxonomy.js';
import type { AuditEntryBody } from './audit.js';

/** How a review can stand. */
export const reviewStatuses = ['open', 'approved', 'rejected'] as const;

/** How a review stands. */
export type ReviewStatus = (typeof reviewStatuses)[number];

/** A decision that a person is to look at. */
export interface ReviewBody {
  readonly decision_id: string;
  readonly tenant: string;
  readonly generation_id: string | null;
  readonly stage: string;
  readonly action: string;
  readonly category: string | null;
  /** The gravest that was found of the category, 1 to 3, and how sure its classifier was; null where nothing was found of it. */
  readonly severity: number | null;
  readonly score: number | null;
  /** Category and rule that it was decided for. */
  readonly rule: string | null;
  readonly status: ReviewStatus;
  readonly opened_at: string;
  readonly appealed_at: string | null;
  /** The tenant's words. */
  readonly appeal: string | null;
  readonly resolved_at: string | null;
  readonly resolved_by: string | null;
  /** What the tenant was told. */
  readonly reason: string | null;
}

/** A review with all that there is of it, but for the picture itself. */
export interface WholeReviewBody extends ReviewBody {
  readonly entry: AuditEntryBody;
  /** Null where no picture is kept. */
  readonly image: { readonly content_type: string } | null;
  readonly notes: readonly {
    readonly id: string;
    readonly reviewer: string;
    readonly text: string;
    readonly created_at: string;
  }[];
  /** What was done, the newest first. */
  readonly acts: readonly AuditEntryBody[];
}

/** The least severity from which on each action is taken; an absent one never is. */
export interface RuleBody {
  readonly warn?: number | undefined;
  readonly blur?: number | undefined;
  readonly block?: number | undefined;
}

/** Where content is judged. */
export const policyStages = ['prompt', 'input_image', 'output_image'] as const;

/** A moderation policy: what is done about each category at each stage. */
export interface PolicyDocumentBody {
  readonly version: string;
  readonly stages: Readonly<
    Record<(typeof policyStages)[number], Readonly<Record<HarmCategory, RuleBody & { readonly low?: RuleBody | undefined }>>>
  >;
  readonly exemptions: readonly { readonly category: HarmCategory; readonly terms: readonly string[]; readonly reason: string }[];
}

/** A policy with its name. */
export interface PolicyBody {
  readonly digest: string;
  readonly document: PolicyDocumentBody;
}

/** The policies that a tenant may switch to. */
export interface PolicyListBody {
  readonly object: 'list';
  /** A digest, or `default`. */
  readonly active: string;
  readonly previous: string;
  readonly data: readonly {
    readonly digest: string;
    readonly version: string;
    readonly author: string;
    readonly created_at: string;
  }[];
}

/** What a policy would have changed of the last days' decisions. */
export interface PolicyPreviewBody {
  readonly decisions: number;
  readonly changed: number;
  readonly changes: readonly {
    readonly stage: string;
    readonly category: string;
    readonly from: string;
    readonly to: string;
    readonly count: number;
    /** Ids of some of the decisions. */
    readonly examples: readonly string[];
  }[];
  /** Whether all decisions of the time were looked at. */
  readonly complete: boolean;
}
