import type { ModelActivityBody, ModelHistoryBody, OverviewHistoryBody } from '@darkroom/contracts/admin';

/** Half an hour, by ten seconds. */
const MOST = 180;

interface Sample {
  readonly atMs: number;
  /** By model; undefined when Redis was away. */
  readonly models: ReadonlyMap<string, ModelActivityBody> | undefined;
}

/** Remembers what models did over the last half hour. */
export class ActivityHistory {
  private readonly samples: Sample[] = [];

  /** Enters what they do at a moment; undefined when it is not known. */
  enter(atMs: number, activities: readonly ModelActivityBody[] | undefined): void {
    this.samples.push({ atMs, models: activities && new Map(activities.map((one) => [one.model, one])) });
    if (this.samples.length > MOST) this.samples.shift();
  }

  view(): OverviewHistoryBody {
    const names = new Set(this.samples.flatMap(({ models }) => [...(models?.keys() ?? [])]));
    return {
      times: this.samples.map(({ atMs }) => Math.round(atMs / 1_000)),
      models: [...names].sort().map((model): ModelHistoryBody => {
        const of = (value: (activity: ModelActivityBody) => number) =>
          this.samples.map(({ models }) => {
            const activity = models?.get(model);
            return activity === undefined ? null : value(activity);
          });
        return {
          model,
          images_per_minute: of((one) => one.images_per_minute),
          queued: of(({ queued }) => queued),
          running: of(({ running }) => running),
          queue_seconds: of((one) => one.queue_seconds),
          errors: of(({ errors }) => errors.reduce((sum, { count }) => sum + count, 0)),
        };
      }),
    };
  }
}
