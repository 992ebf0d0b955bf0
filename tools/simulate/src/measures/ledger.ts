import type { Fleet } from '../fleet/fleet.js';
import { type Outcome, quantile } from '../outcome.js';
import type { FairnessMeter } from './fairness.js';

/** Keeps the books of a run: what became of each request, and how long it took. */
export class Ledger {
  #latencies = new Float64Array(1_024);
  #done = 0;
  #attained = 0;
  #expired = 0;
  #refused = 0;
  #losses = 0;
  #passes = 0;
  #busySeconds = 0;
  #aloneSeconds = 0;

  /** What a generation takes by itself, mean of those that are done; 0 of none. */
  get meanAloneSeconds(): number {
    return this.#aloneSeconds / Math.max(1, this.#done);
  }

  done(latencySeconds: number, deadlineSeconds: number, aloneSeconds: number): void {
    if (this.#done === this.#latencies.length) {
      const larger = new Float64Array(2 * this.#done);
      larger.set(this.#latencies);
      this.#latencies = larger;
    }
    this.#latencies[this.#done] = latencySeconds;
    this.#done += 1;
    this.#aloneSeconds += aloneSeconds;
    if (latencySeconds <= deadlineSeconds) this.#attained += 1;
  }

  expired(): void {
    this.#expired += 1;
  }

  refused(): void {
    this.#refused += 1;
  }

  lost(): void {
    this.#losses += 1;
  }

  pass(seconds: number): void {
    this.#passes += 1;
    this.#busySeconds += seconds;
  }

  /** Adds everything up. */
  outcome(nowSeconds: number, fleet: Fleet, fairness: FairnessMeter): Outcome {
    const sorted = this.#latencies.slice(0, this.#done).sort();
    const requests = this.#done + this.#expired + this.#refused;
    const paidSeconds = fleet.paidSeconds(nowSeconds);
    return {
      simulated: true,
      requests,
      attained: this.#attained,
      late: this.#done - this.#attained,
      expired: this.#expired,
      refused: this.#refused,
      attainment: this.#attained / Math.max(1, requests),
      meanSeconds: sorted.reduce((sum, seconds) => sum + seconds, 0) / Math.max(1, this.#done),
      p50Seconds: quantile(sorted, 0.5),
      p99Seconds: quantile(sorted, 0.99),
      makespanSeconds: nowSeconds,
      deviceHours: paidSeconds / 3_600,
      mostReplicas: fleet.most,
      utilisation: this.#busySeconds / paidSeconds,
      fairness: fairness.index,
      contendedWindows: fairness.windows,
      losses: this.#losses,
      passes: this.#passes,
    };
  }
}
