/** How many replicas were asked for at a moment. */
interface Recommendation {
  readonly atSeconds: number;
  readonly replicas: number;
}

/**
 * What has to be remembered of a fleet between two decisions: what was decided last, and what was asked for lately.
 *
 * A fleet shrinks only when nothing within a window asked for more, as in Kubernetes' own stabilisation window. A new memory knows
 * nothing of before: what the fleet is then counts as having been asked for.
 */
export class FleetMemory {
  /** The replicas that were decided last. */
  replicas: number;
  readonly #windowSeconds: number;
  /** Falling in replicas: what a larger one follows can never count again. */
  #recommendations: readonly Recommendation[];

  /**
   * @param windowSeconds how long something that was asked for counts.
   * @param replicas that there are now.
   * @param nowSeconds of any one clock.
   */
  constructor(windowSeconds: number, replicas: number, nowSeconds: number) {
    this.#windowSeconds = windowSeconds;
    this.replicas = replicas;
    this.#recommendations = [{ atSeconds: nowSeconds, replicas }];
  }

  /** Takes in what is asked for now, and returns the most that was asked for within the window. */
  recommend(replicas: number, nowSeconds: number): number {
    const since = nowSeconds - this.#windowSeconds;
    const still = this.#recommendations.filter((earlier) => earlier.atSeconds > since && earlier.replicas > replicas);
    this.#recommendations = [...still, { atSeconds: nowSeconds, replicas }];
    return (this.#recommendations[0] as Recommendation).replicas;
  }
}
