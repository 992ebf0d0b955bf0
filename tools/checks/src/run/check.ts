/** What a check found. */
export interface Outcome {
  /** Tests or checks that passed. */
  readonly passed: number;
  /** Tests or checks that failed. */
  readonly failed: number;
  /** What to read when something failed. */
  readonly detail: string;
  /** Something worth saying although nothing failed. */
  readonly note?: string | undefined;
}

/** One thing that can be checked by itself. */
export interface Check {
  readonly name: string;
  run(): Promise<Outcome>;
}

/** The outcome of a check that is one yes or no. */
export function verdict(holds: boolean, detail: string, note?: string): Outcome {
  return { passed: holds ? 1 : 0, failed: holds ? 0 : 1, detail, note };
}
