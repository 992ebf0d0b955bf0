/** Checkpoints may take this share of the time that the steps between them take. */
const costShare = 0.01;

/** Weight of a new measurement. */
const newestWeight = 1 / 8;

/** Sizes that are remembered at a time. */
const mostSizes = 64;

interface Measured {
  stepMs: number;
  checkpointMs: number;
}

/**
 * Chooses how many steps lie between checkpoints: as few as configured, unless checkpoints are so dear, or steps so quick, that
 * they would cost more than a hundredth of the steps' time.
 */
export class CheckpointInterval {
  /** What steps and checkpoints of images of a size took lately, in milliseconds. */
  private readonly measured = new Map<string, Measured>();

  /** @param atLeast steps between checkpoints; 0 for no checkpoints. */
  constructor(private readonly atLeast: number) {}

  /** Steps between checkpoints of an image of a size; undefined for none. */
  steps(size: string): number | undefined {
    if (this.atLeast === 0) return undefined;
    const { stepMs = 0, checkpointMs = 0 } = this.measured.get(size) ?? {};
    const affordable = stepMs > 0 ? Math.ceil(checkpointMs / (costShare * stepMs)) : 0;
    return Math.max(this.atLeast, affordable);
  }

  /** Takes in what one step took, in milliseconds. */
  enterStep(size: string, stepMs: number): void {
    const measured = this.of(size);
    measured.stepMs = blend(measured.stepMs, stepMs);
  }

  /** Takes in what making one checkpoint took of the time that steps could have used, in milliseconds. */
  enterCheckpoint(size: string, checkpointMs: number): void {
    const measured = this.of(size);
    measured.checkpointMs = blend(measured.checkpointMs, checkpointMs);
  }

  private of(size: string): Measured {
    const known = this.measured.get(size);
    if (known !== undefined) return known;
    const [oldest] = this.measured.keys();
    if (oldest !== undefined && this.measured.size >= mostSizes) this.measured.delete(oldest);
    const measured = { stepMs: 0, checkpointMs: 0 };
    this.measured.set(size, measured);
    return measured;
  }
}

function blend(mean: number, newest: number): number {
  return mean === 0 ? newest : mean + newestWeight * (newest - mean);
}
