import type { Stage, StageTiming } from '@darkroom/contracts';

interface StageTime {
  totalMs: number;
  kernelMs: number;
  /** How many images are in the stage, and since when there has been any. */
  running: number;
  sinceMs: number;
}

/**
 * Adds up where a generation's time goes, stage by stage: how long any of its images was in a stage, and what the kernels of all
 * of them took there.
 */
export class StageClock {
  private readonly times = new Map<Stage, StageTime>();

  /** Enters time that was spent elsewhere. */
  add(stage: Stage, totalMs: number, kernelMs = 0): void {
    const time = this.of(stage);
    time.totalMs += totalMs;
    time.kernelMs += kernelMs;
  }

  /** Times work, which tells how much of it was inside a model's kernels. */
  async time<Result>(stage: Stage, work: () => Promise<Result>, kernelMs: (result: Result) => number = () => 0): Promise<Result> {
    const time = this.of(stage);
    if (time.running++ === 0) time.sinceMs = performance.now();
    try {
      const result = await work();
      time.kernelMs += kernelMs(result);
      return result;
    } finally {
      if (--time.running === 0) time.totalMs += performance.now() - time.sinceMs;
    }
  }

  /** Lists the stages in the order in which they were first entered. */
  timings(): StageTiming[] {
    return [...this.times].map(([stage, { totalMs, kernelMs }]) => ({ stage, totalMs, kernelMs }));
  }

  private of(stage: Stage): StageTime {
    const known = this.times.get(stage);
    if (known !== undefined) return known;
    const time = { totalMs: 0, kernelMs: 0, running: 0, sinceMs: 0 };
    this.times.set(stage, time);
    return time;
  }
}
