import { aloneSeconds, deviceSeconds, type TimedWork } from '@darkroom/contracts';
import type { Workers } from '@darkroom/service-kit/queue';

/** What is foreseen from the reports of a model's workers at one moment. */
export class Forecast {
  private readonly workers: Workers;

  constructor(workers: Workers) {
    this.workers = workers;
  }

  /** Devices that work the queue off; a second of time serves so many seconds of device time. */
  get devices(): number {
    return this.workers.alive.length;
  }

  /** Seconds of a device that a generation takes of what others could have. */
  deviceSeconds(work: TimedWork): number {
    return deviceSeconds(work, this.workers.passTimes);
  }

  /** Seconds that a generation takes at least, from being taken to being stored. */
  leastSeconds(work: TimedWork): number {
    return aloneSeconds(work, this.workers.passTimes) + this.otherSeconds;
  }

  /**
   * Seconds until a waiting generation is done; undefined while no worker is there to tell by.
   *
   * @param secondsAhead seconds of device time that are served before it, besides what runs.
   */
  finishSeconds(work: TimedWork, secondsAhead: number): number | undefined {
    if (this.devices === 0) return undefined;
    return this.waitSeconds(this.deviceSeconds(work), secondsAhead) + this.leastSeconds(work);
  }

  /**
   * Seconds until a running generation is done; undefined while no worker is there to tell by.
   *
   * @param left the share of its steps that is left, 0 to 1.
   */
  runningSeconds(work: TimedWork, left: number): number | undefined {
    if (this.devices === 0) return undefined;
    return (
      this.sharedSeconds(left * this.deviceSeconds(work)) + left * aloneSeconds(work, this.workers.passTimes) + this.otherSeconds
    );
  }

  /**
   * The most seconds of device time that may be served before a generation for it to be done in time; negative when it can't be.
   *
   * @param seconds from now on.
   */
  mostAhead(work: TimedWork, seconds: number): number {
    const finish = this.finishSeconds(work, 0);
    if (finish === undefined) return Number.POSITIVE_INFINITY;
    if (finish > seconds) return -1;
    return Math.max(0, (seconds - this.leastSeconds(work)) * this.devices - this.remainingSeconds);
  }

  private waitSeconds(own: number, secondsAhead: number): number {
    if (secondsAhead === 0 && this.hasRoom) return this.sharedSeconds(own);
    return (secondsAhead + this.remainingSeconds) / this.devices;
  }

  /**
   * What a generation waits for those that share its device's steps: of each no more than it has itself, since shares are equal.
   * Of what a worker has only the sum is known, so each is taken for the mean.
   */
  private sharedSeconds(own: number): number {
    const sums = this.workers.alive.map(({ running, remainingSeconds }) => Math.min(remainingSeconds, running * own));
    return sums.reduce((sum, seconds) => sum + seconds, 0) / this.devices;
  }

  private get hasRoom(): boolean {
    return this.workers.alive.some(({ running, concurrency }) => running < concurrency);
  }

  private get remainingSeconds(): number {
    return this.workers.alive.reduce((sum, worker) => sum + worker.remainingSeconds, 0);
  }

  private get otherSeconds(): number {
    const known = this.workers.alive.filter(({ otherSeconds }) => otherSeconds > 0);
    return known.reduce((sum, worker) => sum + worker.otherSeconds, 0) / Math.max(1, known.length);
  }
}
