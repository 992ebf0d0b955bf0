/** A part of an answer whose source may be away: then it says so, and there is no data. */
export interface Sourced<Data> {
  readonly data: Data | null;
  readonly problem: string | null;
}

/** How long a stage of generations took, in milliseconds. */
export interface StageLatencyBody {
  readonly stage: string;
  readonly p50_ms: number;
  readonly p95_ms: number;
}

/** What a model's queue and workers do. */
export interface ModelActivityBody {
  readonly model: string;
  readonly workers: number;
  readonly queued: number;
  readonly running: number;
  /** Seconds of a device that wait, and that workers still have to do. */
  readonly queue_seconds: number;
  readonly running_seconds: number;
  /** How long a generation that came now would wait for its first step; null without workers. */
  readonly wait_seconds: number | null;
  /** From 0 to 1; null when there was no step lately. */
  readonly batch_occupancy: number | null;
  /** Of the last minutes, as the counts that follow. */
  readonly images_per_minute: number;
  readonly succeeded: number;
  readonly errors: readonly { readonly code: string; readonly count: number }[];
  /** Of generations that succeeded; empty while there is none. `all` is from being asked for to being done. */
  readonly stages: readonly StageLatencyBody[];
}

/** What was refused, and where. */
export interface RefusalCountBody {
  readonly stage: string;
  readonly category: string;
  readonly count: number;
}

/** What the ledger has of the last hour. */
export interface RecentUsageBody {
  readonly generations: number;
  readonly images: number;
  readonly compute_units: number;
  /** Of devices, inside kernels. */
  readonly kernel_seconds: number;
  /** By the configured price of a device; null where none is. */
  readonly cost: number | null;
}

/** What the platform does now. */
export interface OverviewBody {
  readonly at: string;
  /** How far counts and rates look back. */
  readonly window_minutes: number;
  readonly models: Sourced<readonly ModelActivityBody[]>;
  readonly refusals: Sourced<readonly RefusalCountBody[]>;
  /** Of the last hour. */
  readonly usage: Sourced<RecentUsageBody>;
  /** What an hour of a device costs; null where it is not configured. */
  readonly device_price_per_hour: number | null;
}

/** How one model has done, at `times`; null where it was not known. */
export interface ModelHistoryBody {
  readonly model: string;
  readonly images_per_minute: readonly (number | null)[];
  readonly queued: readonly (number | null)[];
  readonly running: readonly (number | null)[];
  readonly queue_seconds: readonly (number | null)[];
  readonly errors: readonly (number | null)[];
}

/** The last half hour, as this control plane has seen it since it started. */
export interface OverviewHistoryBody {
  /** Unix seconds. */
  readonly times: readonly number[];
  readonly models: readonly ModelHistoryBody[];
}

/** What `GET /admin/v1/overview` answers. */
export type OverviewWithHistoryBody = OverviewBody & { readonly history: OverviewHistoryBody };

/** The event `generation` of `GET /admin/v1/live`. */
export interface GenerationChangeBody {
  readonly id: string;
  readonly tenant: string;
  readonly model: string;
  readonly status: string;
  readonly error_code: string | null;
  readonly at: string;
}
