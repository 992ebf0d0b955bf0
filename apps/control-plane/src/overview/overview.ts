import { setTimeout as sleep } from 'node:timers/promises';
import { DarkroomError } from '@darkroom/contracts';
import type { OverviewBody, OverviewHistoryBody, Sourced } from '@darkroom/contracts/admin';
import { Lifecycle } from '@darkroom/service-kit';
import { Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { Config } from '../config.js';
import { ActivityHistory } from './activity-history.js';
import { ModelActivities, WINDOW_MS } from './model-activities.js';
import { RecentRecords } from './recent-records.js';

/** One look is enough for all who ask within this time. */
const FRESH_MS = 900;

/** The database is asked less often: its sums change slowly. */
const RECORDS_FRESH_MS = 10_000;

const SAMPLE_MS = 10_000;

/** Puts together what the platform does; each source that is away says so, and the others are told all the same. */
@Injectable()
export class Overview implements OnApplicationBootstrap {
  private readonly activities: ModelActivities;
  private readonly records: RecentRecords;
  private readonly pricePerHour: number | null;
  private readonly history = new ActivityHistory();
  private readonly stopping: AbortSignal;
  private latest: { readonly atMs: number; readonly body: Promise<OverviewBody> } | undefined;
  private latestRecords: { readonly atMs: number; readonly parts: Promise<Pick<OverviewBody, 'refusals' | 'usage'>> } | undefined;

  constructor(activities: ModelActivities, records: RecentRecords, { devicePricePerHour }: Config, lifecycle: Lifecycle) {
    this.activities = activities;
    this.records = records;
    this.pricePerHour = devicePricePerHour ?? null;
    this.stopping = lifecycle.draining;
  }

  onApplicationBootstrap(): void {
    void this.sample();
  }

  /** What the platform does, as it was a second ago at most. */
  async now(): Promise<OverviewBody> {
    const atMs = performance.now();
    if (this.latest === undefined || atMs - this.latest.atMs >= FRESH_MS) this.latest = { atMs, body: this.look() };
    return await this.latest.body;
  }

  /** The last half hour, as far as this process has seen it. */
  past(): OverviewHistoryBody {
    return this.history.view();
  }

  private async look(): Promise<OverviewBody> {
    const atMs = performance.now();
    if (this.latestRecords === undefined || atMs - this.latestRecords.atMs >= RECORDS_FRESH_MS) {
      this.latestRecords = { atMs, parts: this.readRecords() };
    }
    const [models, { refusals, usage }] = await Promise.all([part(this.activities.look()), this.latestRecords.parts]);
    const at = new Date().toISOString();
    return { at, window_minutes: WINDOW_MS / 60_000, models, refusals, usage, device_price_per_hour: this.pricePerHour };
  }

  private async readRecords(): Promise<Pick<OverviewBody, 'refusals' | 'usage'>> {
    const [refusals, usage] = await Promise.all([
      part(this.records.refusals(Date.now() - WINDOW_MS)),
      part(this.records.usage()),
    ]);
    // What failed is asked for again at the next look.
    if (refusals.problem !== null || usage.problem !== null) this.latestRecords = undefined;
    return { refusals, usage };
  }

  private async sample(): Promise<void> {
    const signal = this.stopping;
    while (!signal.aborted) {
      const { models } = await this.now();
      this.history.enter(Date.now(), models.data ?? undefined);
      await sleep(SAMPLE_MS, undefined, { signal, ref: false }).catch(() => undefined);
    }
  }
}

async function part<Data>(work: Promise<Data>): Promise<Sourced<Data>> {
  return await work.then(
    (data) => ({ data, problem: null }),
    (error: unknown) => ({ data: null, problem: DarkroomError.from(error).message }),
  );
}
