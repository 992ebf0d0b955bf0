/** What a pass in which all blocks were computed leaves for later ones: float32 [rows of the trajectory, tokens, width], flat. */
export interface CachedResiduals {
  /** What the first block added to its hidden states. */
  readonly firstBlock: Float32Array;
  /** What the remaining blocks added to theirs. */
  readonly remainingBlocks: Float32Array;
}

/**
 * One trajectory's memory of the last pass in which all blocks were computed.
 *
 * First Block Cache (ParaAttention; diffusers' `FirstBlockCacheConfig`): where the first block adds nearly what it added then, the others
 * are taken to do so too. "Nearly" means that mean(|r - r'|) / mean(|r'|) is below the threshold, where r is what the first block adds
 * now to all rows of the trajectory, and r' what it added then.
 */
export class FirstBlockCache {
  readonly #threshold: number;
  /** The last computed pass; replaced whole, never changed. */
  #residuals: CachedResiduals | undefined;
  #reused = false;

  /** @param threshold above 0. */
  constructor(threshold: number) {
    this.#threshold = threshold;
  }

  get residuals(): CachedResiduals | undefined {
    return this.#residuals;
  }

  /** Whether the last pass was made with what is remembered here. */
  get reused(): boolean {
    return this.#reused;
  }

  /** Returns what may stand for the remaining blocks now; undefined when they must be computed. */
  lookUp(firstBlock: Float32Array): Float32Array | undefined {
    if (this.#residuals === undefined) return undefined;
    const before = this.#residuals.firstBlock;
    let difference = 0;
    let magnitude = 0;
    for (let i = 0; i < before.length; i++) {
      difference += Math.abs((firstBlock[i] as number) - (before[i] as number));
      magnitude += Math.abs(before[i] as number);
    }
    // What is no number is below nothing, so it is computed.
    return difference / magnitude < this.#threshold ? this.#residuals.remainingBlocks : undefined;
  }

  /** Takes in a pass: what was computed, or undefined when it was made with what is remembered. */
  afterPass(computed: CachedResiduals | undefined): void {
    this.#reused = computed === undefined;
    this.#residuals = computed ?? this.#residuals;
  }

  /** Takes up what {@link residuals} held. */
  restore(residuals: CachedResiduals | undefined): void {
    this.#residuals = residuals;
  }
}
