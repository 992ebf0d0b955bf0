import { type GenerationJob, type GenerationProgress, type Stage, stepsMade } from '@darkroom/contracts';

/** Progress goes out this often at most; a watcher sees no more, and Redis has better things to do. */
const intervalMs = 100;

/**
 * Passes progress on, never faster than every 100 ms, without anyone waiting for it to arrive.
 *
 * A report that can't be sent is dropped: the next one says more.
 */
export function throttledProgress(
  send: (progress: GenerationProgress) => Promise<unknown>,
): (progress: GenerationProgress) => void {
  let lastMs = Number.NEGATIVE_INFINITY;
  return (progress) => {
    const now = performance.now();
    if (now - lastMs < intervalMs) {
      return;
    }
    lastMs = now;
    send(progress).catch(() => {});
  };
}

/** Tells how far a generation is whose images are made side by side: as far as the first of them that is not finished. */
export class ProgressTracker {
  private readonly finished = new Set<number>();

  constructor(
    private readonly job: Pick<GenerationJob, 'steps' | 'strength' | 'imageCount'>,
    private readonly report: (progress: GenerationProgress) => void,
  ) {}

  /** Notes that an image has come to a stage, with so many steps made. */
  at(image: number, stage: Stage, step = 0): void {
    if (image === this.current) {
      this.report({ stage, step, steps: stepsMade(this.job), image, images: this.job.imageCount });
    }
  }

  /** Notes that an image is finished. */
  finish(image: number): void {
    this.finished.add(image);
  }

  private get current(): number {
    let image = 0;
    while (this.finished.has(image)) image += 1;
    return image;
  }
}
