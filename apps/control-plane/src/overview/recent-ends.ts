import type { StageLatencyBody } from '@darkroom/contracts/admin';
import type { FinishedJob } from '@darkroom/service-kit/queue';

/** Ends that are kept, the latest; at 30 generations a second this is ten minutes. */
const MOST = 20_000;

/** What is kept of a generation that has ended. */
interface End {
  readonly id: string;
  readonly endedAtMs: number;
  readonly images: number;
  /** Milliseconds by stage; empty for one that failed. */
  readonly stages: ReadonlyMap<string, number>;
  /** Code of the error that it failed of; undefined for one that succeeded. */
  readonly error: string | undefined;
}

/** What the ends of a time come to. */
export interface EndsSummary {
  readonly imagesPerMinute: number;
  readonly succeeded: number;
  readonly errors: readonly { readonly code: string; readonly count: number }[];
  readonly stages: readonly StageLatencyBody[];
}

/** Remembers how a model's generations have ended lately. */
export class RecentEnds {
  private ends: End[] = [];
  private readonly ids = new Set<string>();

  /** Moment up to which ends are known, in Unix milliseconds; 0 at first. */
  get knownUntilMs(): number {
    return this.ends.at(-1)?.endedAtMs ?? 0;
  }

  /** Enters jobs that have ended, those that are known already again or not, and forgets what ended before a moment. */
  enter(jobs: readonly FinishedJob[], forgetBeforeMs: number): void {
    for (const job of jobs) {
      if (this.ids.has(job.id)) continue;
      this.ids.add(job.id);
      this.ends.push(endOf(job));
    }
    this.ends.sort((a, b) => a.endedAtMs - b.endedAtMs);
    const firstKept = this.ends.findIndex(({ endedAtMs }) => endedAtMs >= forgetBeforeMs);
    const forgotten = Math.max(firstKept === -1 ? this.ends.length : firstKept, this.ends.length - MOST);
    for (const { id } of this.ends.slice(0, forgotten)) this.ids.delete(id);
    this.ends = this.ends.slice(forgotten);
  }

  /** Summarises what has ended within a time up to a moment. */
  summary(nowMs: number, windowMs: number): EndsSummary {
    const ends = this.ends.filter(({ endedAtMs }) => endedAtMs > nowMs - windowMs && endedAtMs <= nowMs);
    const succeeded = ends.filter(({ error }) => error === undefined);
    const byCode = Map.groupBy(ends, ({ error }) => error);
    const names = new Set(succeeded.flatMap(({ stages }) => [...stages.keys()]));
    return {
      imagesPerMinute: succeeded.reduce((sum, { images }) => sum + images, 0) / (windowMs / 60_000),
      succeeded: succeeded.length,
      errors: [...byCode].flatMap(([code, { length: count }]) => (code === undefined ? [] : [{ code, count }])),
      stages: [...names].map((stage) => {
        const times = succeeded.flatMap(({ stages }) => stages.get(stage) ?? []).sort((a, b) => a - b);
        return { stage, p50_ms: percentile(times, 0.5), p95_ms: percentile(times, 0.95) };
      }),
    };
  }
}

function endOf({ id, endedAtMs, result, error }: FinishedJob): End {
  const timings = result?.receipt?.timings ?? [];
  const stages = new Map(timings.map(({ stage, totalMs }) => [stage, totalMs]));
  return { id, endedAtMs, images: result?.images.length ?? 0, stages, error: error?.code };
}

/** The smallest value that so many of all are not above (the nearest rank). */
function percentile(ascending: readonly number[], share: number): number {
  return ascending[Math.max(0, Math.ceil(share * ascending.length) - 1)] ?? 0;
}
