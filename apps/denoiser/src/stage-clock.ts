import type { Stage, StageTiming } from '@darkroom/contracts';

/** Adds up where a generation's time goes, stage by stage, over all its images. */
export class StageClock {
  private readonly times = new Map<Stage, { totalMs: number; kernelMs: number }>();

  /** Enters time that was spent elsewhere. */
  add(stage: Stage, totalMs: number, kernelMs = 0): void {
    const time = this.times.get(stage) ?? { totalMs: 0, kernelMs: 0 };
    this.times.set(stage, { totalMs: time.totalMs + totalMs, kernelMs: time.kernelMs + kernelMs });
  }

  /** Times work, which tells how much of it was inside a model's kernels. */
  async time<Result>(stage: Stage, work: () => Promise<Result>, kernelMs: (result: Result) => number = () => 0): Promise<Result> {
    const start = performance.now();
    const result = await work();
    this.add(stage, performance.now() - start, kernelMs(result));
    return result;
  }

  /** Lists the stages in the order in which they were first entered. */
  timings(): StageTiming[] {
    return [...this.times].map(([stage, time]) => ({ stage, ...time }));
  }
}
