import { deviceSeconds, type GenerationJob, type Workers } from '@darkroom/contracts';
import type { Forecast } from './forecast.js';

/** What waits at fair places, and what came lately. */
export interface Workload {
  /** Seconds of device time that wait, without the jobs that were begun and put back. */
  readonly waitingSeconds: number;
  readonly spanSeconds: number;
  /** Seconds of device time that were admitted in each whole span, the oldest first. */
  readonly arrivals: readonly number[];
}

/** What a model's fleets have to do, in seconds of one device at the pace that its workers tell. */
export interface Work {
  readonly queuedSeconds: number;
  readonly runningSeconds: number;
  /** What a generation takes by itself, from being taken to being stored: mean of those that wait or run; 0 while there is none. */
  readonly generationSeconds: number;
  /** Whether a worker ever measured what passes take. */
  readonly isMeasured: boolean;
  /** Workers that have reported lately. */
  readonly workers: number;
  readonly spanSeconds: number;
  /** Seconds of device time that were admitted in each whole span, the oldest first. */
  readonly arrivals: readonly number[];
}

/** Jobs of the queue beside those that have a fair place. */
export interface OtherJobs {
  /** Some of those that were put back, at once or for a while. */
  readonly returned: readonly GenerationJob[];
  /** How many of those there are. */
  readonly returnedCount: number;
  /** Some of those that workers have. */
  readonly active: readonly GenerationJob[];
  readonly activeCount: number;
  /** Some of those that wait at their fair place. */
  readonly next: readonly GenerationJob[];
}

/** Adds up a queue's work, of which a sample stands for what is too much to read. */
export function workOf(workload: Workload, jobs: OtherJobs, { alive, passTimes }: Workers, forecast: Forecast): Work {
  const paces = alive.map(({ pace }) => pace).filter((pace) => pace > 0);
  const pace = paces.length === 0 ? 1 : mean(paces);
  const seconds = (job: GenerationJob) => deviceSeconds(job, passTimes);
  const running = alive.reduce((sum, worker) => sum + worker.running, 0);
  // What a dead worker had is nobody's until another one looks for it, which none does while there is none.
  const orphaned = Math.max(0, jobs.activeCount - running);
  const sample = [...jobs.next, ...jobs.returned, ...jobs.active];
  return {
    queuedSeconds:
      pace *
      (workload.waitingSeconds +
        jobs.returnedCount * mean(jobs.returned.map(seconds)) +
        orphaned * mean(jobs.active.map(seconds))),
    runningSeconds:
      pace * alive.reduce((sum, { loads }) => sum + loads.reduce((part, load) => part + load.remainingSeconds, 0), 0),
    generationSeconds: mean(sample.map((job) => forecast.leastSeconds(job))),
    isMeasured: passTimes.length > 0,
    workers: alive.length,
    spanSeconds: workload.spanSeconds,
    arrivals: workload.arrivals.map((admitted) => pace * admitted),
  };
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length);
}
