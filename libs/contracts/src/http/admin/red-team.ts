/** Where a finding can stand in its break-fix cycle. */
export const findingStates = ['open', 'triaged', 'mitigated', 'verified', 'closed', 'accepted'] as const;

/** Where a finding stands in its break-fix cycle. */
export type FindingState = (typeof findingStates)[number];

/** A way in which a harm got through; the prompts that show it are not told. */
export interface FindingBody {
  /** Category and technique. */
  readonly id: string;
  readonly category: string;
  readonly technique: string;
  readonly state: FindingState;
  /** Last day on which the risk is accepted, in UTC; null of those that are not. */
  readonly accepted_until: string | null;
  /** The gravest of its attacks', 0 to 3. */
  readonly severity: number;
  readonly first_seen: string;
  readonly last_seen: string;
  /** How many attacks show it, and of which adversary levels. */
  readonly attacks: number;
  readonly levels: readonly string[];
  readonly history: readonly { readonly at: string; readonly from: string; readonly to: string; readonly note: string }[];
}

/** How many of how many, as a share with its interval of 95 % (Wilson 1927). */
export interface RateBody {
  readonly count: number;
  readonly of: number;
  readonly share: number;
  readonly low: number;
  readonly high: number;
}

/** A rate with mitigations off and on; null where nothing was tried. */
export interface BeforeAfterBody {
  readonly before: RateBody | null;
  readonly after: RateBody | null;
}

/** What the last report of the red team measured. */
export interface RedTeamReportBody {
  readonly started_at: string;
  /** By category and adversary level, and by `all` of either. */
  readonly attack_success: Readonly<Record<string, Readonly<Record<string, BeforeAfterBody>>>>;
  /** Harmless requests that were refused, by category. */
  readonly over_refusal: Readonly<Record<string, BeforeAfterBody>>;
}

/** What the red team has found, and measured last. */
export interface FindingListBody {
  readonly object: 'list';
  /** Whether the control plane knows where findings are. */
  readonly configured: boolean;
  readonly data: readonly FindingBody[];
  /** Null where there is none. */
  readonly report: RedTeamReportBody | null;
}
