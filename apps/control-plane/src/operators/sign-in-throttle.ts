import { DarkroomError } from '@darkroom/contracts';
import { Injectable } from '@nestjs/common';

/** In such a time failures are counted. */
const WINDOW_MS = 15 * 60 * 1000;

/** Failures in that time: with one name from one address, with one name, and from one address, behind which there may be many people. */
const limits = { nameAtAddress: 10, name: 100, address: 100 } as const;

/** Counters that are kept at most; those that were begun first go first. */
const MOST_COUNTERS = 10_000;

interface Counter {
  failures: number;
  readonly endsAtMs: number;
}

/** Slows down who guesses passwords. It counts in this process's memory: each control plane counts for itself, and anew when it starts. */
@Injectable()
export class SignInThrottle {
  private readonly counters = new Map<string, Counter>();

  /**
   * Counts an attempt before it is made, so that many at once are counted as well.
   *
   * @returns what takes the count back, once the attempt has succeeded.
   * @throws {DarkroomError} Thrown with `rate_limited` when there were too many.
   */
  attempt(name: string, address: string, nowMs = Date.now()): () => void {
    const counted = [
      this.counter(`at ${address} ${name}`, limits.nameAtAddress, nowMs),
      this.counter(`name ${name}`, limits.name, nowMs),
      this.counter(`address ${address}`, limits.address, nowMs),
    ];
    for (const counter of counted) counter.failures += 1;
    return () => {
      for (const counter of counted) counter.failures -= 1;
    };
  }

  private counter(key: string, limit: number, nowMs: number): Counter {
    const known = this.counters.get(key);
    if (known !== undefined && known.endsAtMs > nowMs) {
      if (known.failures < limit) return known;
      const retryAfterSeconds = (known.endsAtMs - nowMs) / 1000;
      const message = `too many attempts to sign in; try again in ${Math.ceil(retryAfterSeconds / 60)} minutes`;
      throw new DarkroomError({ code: 'rate_limited', message, retryAfterSeconds });
    }
    this.counters.delete(key);
    const [oldest] = this.counters.keys();
    if (this.counters.size >= MOST_COUNTERS && oldest !== undefined) this.counters.delete(oldest);
    const counter = { failures: 0, endsAtMs: nowMs + WINDOW_MS };
    this.counters.set(key, counter);
    return counter;
  }
}
