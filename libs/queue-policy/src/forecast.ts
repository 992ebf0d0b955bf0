import { aloneSeconds, deviceSeconds, type TimedWork, type Workers } from '@darkroom/contracts';

/** A generation, as far as its time goes. */
export interface ForeseenWork extends TimedWork {
  readonly tenantId: string;
}

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
  finishSeconds(work: ForeseenWork, secondsAhead: number): number | undefined {
    if (this.devices === 0) return undefined;
    return this.waitSeconds(work, secondsAhead) + this.leastSeconds(work);
  }

  /**
   * Seconds until a running generation is done; undefined while no worker is there to tell by.
   *
   * @param left the share of its steps that is left, 0 to 1.
   */
  runningSeconds(work: ForeseenWork, left: number): number | undefined {
    if (this.devices === 0) return undefined;
    // What its tenant has there includes it.
    const steps = Math.max(this.sharedSeconds(work.tenantId, 0), left * aloneSeconds(work, this.workers.passTimes));
    return steps + this.otherSeconds;
  }

  /**
   * The most seconds of device time that may be served before a generation for it to be done in time; negative when it can't be.
   *
   * @param seconds from now on.
   */
  mostAhead(work: ForeseenWork, seconds: number): number {
    const finish = this.finishSeconds(work, 0);
    if (finish === undefined) return Number.POSITIVE_INFINITY;
    if (finish > seconds) return -1;
    return Math.max(0, (seconds - this.leastSeconds(work)) * this.devices - this.remainingSeconds);
  }

  private waitSeconds(work: ForeseenWork, secondsAhead: number): number {
    if (secondsAhead === 0 && this.hasRoom) return this.sharedSeconds(work.tenantId, this.deviceSeconds(work));
    return (secondsAhead + this.remainingSeconds) / this.devices;
  }

  /**
   * What a generation that is taken at once waits for on its device, of which it is not known yet which it is: for what its tenant has
   * there, and of each other tenant's for as much as its own has with it, since tenants' shares are equal.
   *
   * @param own seconds of a device that it takes itself.
   */
  private sharedSeconds(tenantId: string, own: number): number {
    const sums = this.workers.alive.map(({ loads }) => {
      const before = loads.find((load) => load.tenantId === tenantId)?.remainingSeconds ?? 0;
      const others = loads.filter((load) => load.tenantId !== tenantId);
      return others.reduce((sum, { remainingSeconds }) => sum + Math.min(remainingSeconds, before + own), before);
    });
    return sums.reduce((sum, seconds) => sum + seconds, 0) / this.devices;
  }

  private get hasRoom(): boolean {
    return this.workers.alive.some(({ running, concurrency }) => running < concurrency);
  }

  private get remainingSeconds(): number {
    const loads = this.workers.alive.flatMap((worker) => worker.loads);
    return loads.reduce((sum, { remainingSeconds }) => sum + remainingSeconds, 0);
  }

  private get otherSeconds(): number {
    const known = this.workers.alive.filter(({ otherSeconds }) => otherSeconds > 0);
    return known.reduce((sum, worker) => sum + worker.otherSeconds, 0) / Math.max(1, known.length);
  }
}
