/** What became of a trace. Everything here is simulated. */
export interface Outcome {
  readonly simulated: true;
  readonly requests: number;
  /** Done by their deadlines. */
  readonly attained: number;
  readonly late: number;
  /** Given up at their deadlines. */
  readonly expired: number;
  /** Not let in. */
  readonly refused: number;
  /** Share of all requests that were done by their deadlines. */
  readonly attainment: number;
  readonly meanSeconds: number;
  readonly p50Seconds: number;
  readonly p99Seconds: number;
  /** From the first arrival to the last end. */
  readonly makespanSeconds: number;
  /** Hours of devices that were paid for: from being asked for to being given back. */
  readonly deviceHours: number;
  readonly mostReplicas: number;
  /** Share of the paid time in which passes were made. */
  readonly utilisation: number;
  /** {@link FairnessMeter}: mean of Jain's index over the windows in which tenants competed, and how many those were. */
  readonly fairness: number;
  readonly contendedWindows: number;
  /** Replicas that were lost: spot devices taken away, processes that crashed. */
  readonly losses: number;
  readonly passes: number;
}

/** A moment of a run, for plots. */
export interface Sample {
  readonly atSeconds: number;
  readonly replicas: number;
  readonly ready: number;
  readonly workSeconds: number;
  /** Device seconds that were admitted a second since the sample before. */
  readonly arriving: number;
}

/** Takes the value that a share of all does not exceed (nearest rank); NaN of nothing. */
export function quantile(sorted: Float64Array, share: number): number {
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? Number.NaN;
}
