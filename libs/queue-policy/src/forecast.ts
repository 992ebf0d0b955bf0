import { aloneSeconds, deviceSeconds, type TimedWork, type Workers } from '@darkroom/contracts';

/** A generation, as far as its time goes. */
export interface ForeseenWork extends TimedWork {
  readonly id: string;
  readonly tenantId: string;
}

/** What is foreseen from the reports of a model's workers at one moment. */
export class Forecast {
  private readonly workers: Workers;

  constructor({ alive, ...workers }: Workers) {
    // Those that are drained take nothing.
    this.workers = { ...workers, alive: alive.filter(({ drained }) => !drained) };
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
    return this.pace * aloneSeconds(work, this.workers.passTimes) + this.otherSeconds;
  }

  /** Seconds in which the devices together serve so many seconds of device time. */
  realSeconds(deviceTime: number): number {
    return (deviceTime * this.stretch) / Math.max(1, this.devices);
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
    // Its worker has told it, unless it has only just taken it: what its tenant has there includes it then.
    const load = this.workers.alive.flatMap(({ loads }) => loads).find(({ generationId }) => generationId === work.id);
    const alone = left * this.pace * aloneSeconds(work, this.workers.passTimes);
    const steps = load?.finishSeconds ?? Math.max(this.stretch * this.sharedSeconds(work.tenantId, 0), alone);
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
    return Math.max(0, ((seconds - this.leastSeconds(work)) * this.devices) / this.stretch - this.remainingSeconds);
  }

  private waitSeconds(work: ForeseenWork, secondsAhead: number): number {
    if (secondsAhead === 0 && this.hasRoom) return this.stretch * this.sharedSeconds(work.tenantId, this.deviceSeconds(work));
    return this.realSeconds(secondsAhead + this.remainingSeconds);
  }

  /**
   * What a generation that is taken at once waits for on its device, of which it is not known yet which it is: for what its tenant has
   * there, and of each other tenant's for as much as its own has with it, since tenants' shares are equal.
   *
   * @param own seconds of a device that it takes itself.
   */
  private sharedSeconds(tenantId: string, own: number): number {
    const sums = this.workers.alive.map(({ loads }) => {
      const tenants = Map.groupBy(loads, (load) => load.tenantId);
      const has = (tenant: string) => sum((tenants.get(tenant) ?? []).map(({ remainingSeconds }) => remainingSeconds));
      const before = has(tenantId);
      const others = [...tenants.keys()].filter((tenant) => tenant !== tenantId);
      return before + sum(others.map((tenant) => Math.min(has(tenant), before + own)));
    });
    return sum(sums) / this.devices;
  }

  /**
   * How many times as long a second of device time takes: workers foresee when all that runs will be done, with the batches that there
   * are instead of the best ones, and at the pace that they have. Less than at the best batches is not counted on.
   */
  private get stretch(): number {
    const busy = this.workers.alive.filter(({ loads }) => loads.some(({ remainingSeconds }) => remainingSeconds > 0));
    if (busy.length === 0) return this.pace;
    const finish = busy.map(({ loads }) => Math.max(...loads.map(({ finishSeconds }) => finishSeconds)));
    return Math.max(1, sum(finish) / this.remainingSeconds);
  }

  /** How many times as long steps take as was measured, over all devices. */
  private get pace(): number {
    return sum(this.workers.alive.map(({ pace }) => pace || 1)) / Math.max(1, this.devices) || 1;
  }

  private get hasRoom(): boolean {
    return this.workers.alive.some(({ running, concurrency }) => running < concurrency);
  }

  private get remainingSeconds(): number {
    return sum(this.workers.alive.flatMap(({ loads }) => loads.map(({ remainingSeconds }) => remainingSeconds)));
  }

  private get otherSeconds(): number {
    const known = this.workers.alive.filter(({ otherSeconds }) => otherSeconds > 0);
    return sum(known.map((worker) => worker.otherSeconds)) / Math.max(1, known.length);
  }
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
