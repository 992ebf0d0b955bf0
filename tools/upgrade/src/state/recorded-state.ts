/** What a version left behind when all of it was killed at work, beside its queues, database and blobs. */
export interface RecordedState {
  readonly commit: string;
  readonly recordedAt: string;
  readonly work: LeftWork;
}

/** Generations by how far they were, and what else their tenant had. */
export interface LeftWork {
  /** Made to the end; asked for under an Idempotency-Key. */
  readonly finished: LeftGeneration;
  /** Some steps in, with a checkpoint. */
  readonly running: LeftGeneration;
  /** In the queue, with prompts that are too long to lie there themselves. */
  readonly waiting: LeftGeneration;
  /** In the queue, and wanted no more. */
  readonly cancelled: LeftGeneration;
  /** Filter of the audit log that finds what was judged when the control plane had stopped. */
  readonly judged: Readonly<Record<string, string>>;
  readonly webhook: { readonly id: string; readonly secret: string };
}

/** A generation, and the request that it was asked for with. */
export interface LeftGeneration {
  readonly id: string;
  readonly idempotencyKey: string;
  readonly body: Readonly<Record<string, unknown>>;
  /** SHA-256 of its first image's file as it was delivered; absent while there is none. */
  readonly imageSha256?: string;
}
