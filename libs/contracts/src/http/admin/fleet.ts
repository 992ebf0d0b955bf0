/** A generation that a worker has. */
export interface WorkerGenerationBody {
  readonly id: string;
  readonly tenant: string;
  /** Steps that each of its images has made, and makes; null where its worker does not tell. */
  readonly steps_made: number | null;
  readonly steps: number | null;
  /** Seconds until its steps are made, as its worker foresees. */
  readonly finish_seconds: number;
}

/** A worker that has reported within the last seconds. */
export interface WorkerBody {
  readonly id: string;
  readonly model: string;
  /** Whether it takes generations: `drained` ones live and take none, `draining` ones have been asked to and have not yet said so. */
  readonly state: 'taking' | 'draining' | 'drained' | 'resuming';
  readonly running: number;
  readonly concurrency: number;
  /** From 0 to 1; null when there was no step lately. */
  readonly batch_occupancy: number | null;
  /** How many times as long steps take as was measured at its start. */
  readonly pace: number | null;
  /** Name of its machine, of its pod in a cluster. Null, as is what follows, where an earlier version does not tell. */
  readonly host: string | null;
  readonly started_at: string | null;
  readonly provider: string | null;
  readonly runtime_version: string | null;
  readonly model_digest: string | null;
  readonly generations: readonly WorkerGenerationBody[];
}

/** All workers of all models. */
export interface WorkerListBody {
  readonly object: 'list';
  readonly data: readonly WorkerBody[];
  readonly has_more: false;
}
