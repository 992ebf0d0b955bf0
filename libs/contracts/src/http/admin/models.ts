/** How generations of a revision ended within the time that is looked at. */
export interface RevisionOutcomesBody {
  readonly ended: number;
  readonly failed: number;
  readonly refused: number;
  /** Shares of those that ended, from 0 to 1. */
  readonly error_rate: number;
  readonly refusal_rate: number;
}

/** What is compared, and what comes of it. */
export interface CanaryComparisonBody {
  readonly window_minutes: number;
  readonly stable: RevisionOutcomesBody;
  readonly canary: RevisionOutcomesBody;
  readonly verdict: 'too_few' | 'good' | 'worse';
  readonly words: string;
}

/** When a newer revision counts as worse than the model. */
export interface CanaryThresholdsBody {
  readonly min_generations: number;
  /** Differences of shares, from 0 to 1. */
  readonly max_error_increase: number;
  readonly max_refusal_increase: number;
  readonly significance: number;
}

/** A newer revision that gets a part of a model's requests. */
export interface CanaryBody extends CanaryThresholdsBody {
  readonly model: string;
  readonly revision: string;
  readonly state: 'active' | 'rolled_back' | 'retired';
  /** Of the model's requests, from 0 to 100. */
  readonly percent: number;
  /** Why it was taken back; null where it was not. */
  readonly reason: string | null;
  readonly watched_from: string;
  readonly changed_at: string;
  readonly changed_by: string;
  /** Null for one that is not watched, and where `problem` says why. */
  readonly comparison: CanaryComparisonBody | null;
  readonly problem: string | null;
}

/** Somebody's wish that a model has workers that are ready, ahead of its requests. */
export interface ModelWarmthBody {
  /** So many at least; an autoscaler sees to it where there is one. */
  readonly replicas: number;
  /** Workers that have loaded the model, have made passes with it, and are not drained. */
  readonly ready: number;
  readonly until: string;
  readonly by: string;
}

/** Which revision a model is meant to be, and where that is found. */
export interface ModelRegistrationBody {
  readonly digest: string;
  readonly source: string;
  /** Whether gateways that have another one don't offer the model. */
  readonly required: boolean;
  readonly registered_at: string;
  readonly registered_by: string;
  /**
   * `absent`: no gateway and no worker has a model of that name. `present`: those that have it have this revision, and not both gateways and
   * workers do. `served`: both do. `wrong`: a gateway or a worker has another.
   */
  readonly standing: 'absent' | 'present' | 'served' | 'wrong';
  /** Workers that have this revision, and that have another; null while Redis is away. */
  readonly workers: number | null;
  readonly wrong_workers: number | null;
}

/** A model that gateways or workers have told of, or that is registered. */
export interface ModelStateBody {
  readonly name: string;
  /** `serving` takes requests and has workers; no gateway and no worker has one that is only `registered`. */
  readonly state: 'serving' | 'registered' | 'retired' | 'no_workers' | 'workers_unknown';
  /** As gateways have it; null where none has told. */
  readonly digest: string | null;
  readonly default_steps: number | null;
  readonly first_seen_at: string | null;
  readonly last_seen_at: string | null;
  readonly retired_at: string | null;
  readonly retired_by: string | null;
  /** Null while Redis is away. */
  readonly workers: number | null;
  /** Digests that workers have, with how many have each. */
  readonly worker_digests: readonly { readonly digest: string; readonly workers: number }[];
  /** Null for a model that nobody has registered. */
  readonly registration: ModelRegistrationBody | null;
  /** What somebody wants to be ready ahead of requests; null for nothing, and while Redis is away. */
  readonly warm: ModelWarmthBody | null;
  /** The last verification within a day; null for none, and while Redis is away. */
  readonly verification: ModelVerificationBody | null;
  /** The canary that it has; null for none. */
  readonly canary: CanaryBody | null;
  /** The model whose canary it is; null for none. */
  readonly canary_of: string | null;
}

/** All models, by name. */
export interface ModelStateListBody {
  readonly object: 'list';
  readonly data: readonly ModelStateBody[];
  readonly has_more: false;
  /** What a canary gets where nothing else is said. */
  readonly canary_defaults: CanaryThresholdsBody;
}

/** A file of a model that is not as the model's digests say. */
export interface FileDifferenceBody {
  readonly file: string;
  readonly expected: string;
  /** Null for one that is missing or can't be read. */
  readonly actual: string | null;
}

/** What a worker answers to the question whether its files are as they should be. */
export interface WorkerVerificationBody {
  readonly id: string;
  /** Null where the worker has gone. */
  readonly host: string | null;
  /**
   * `other_revision`: its files are as its digests say, but not those that gateways mean, or that it has loaded. `not_answered`: it has not begun
   * within 15 seconds, or has gone.
   */
  readonly state: 'waiting' | 'reading' | 'same' | 'different' | 'other_revision' | 'failed' | 'not_answered';
  readonly bytes_read: number;
  readonly bytes: number;
  /** Of its digests as they are on disk now; null until all is read. */
  readonly digest: string | null;
  readonly files: number | null;
  /** How many differ, of which `differences` has the first. */
  readonly different: number;
  readonly differences: readonly FileDifferenceBody[];
  /** Why nothing could be compared. */
  readonly problem: string | null;
}

/** The last time that a model's workers were asked to read all of its files again. */
export interface ModelVerificationBody {
  readonly id: string;
  readonly model: string;
  readonly started_at: string;
  readonly started_by: string;
  /** `incomplete`: nothing differs, but not every worker could tell. */
  readonly state: 'running' | 'same' | 'different' | 'incomplete';
  /** As gateways have it. */
  readonly digest: string | null;
  readonly workers: readonly WorkerVerificationBody[];
}
