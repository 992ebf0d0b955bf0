import type { EncodeResponse } from '@darkroom/contracts';
import type { Metrics } from '@darkroom/service-kit';
import type { CachedConditioning, ConditioningCache } from './conditioning-cache.js';
import type { SharedConditioning } from './shared-conditioning.js';

/** What the text encoder made, and how many milliseconds its kernels took. */
export interface MadeConditioning extends CachedConditioning {
  readonly kernelMs: number;
}

/** Finds conditioning where it is nearest: in this process, in the cache that encoders share, and else by making it. */
export class ConditioningTiers {
  private readonly memory: ConditioningCache;
  private readonly shared: SharedConditioning | undefined;
  /** What is being looked for or made, so that it is made once when it is asked for twice at once. */
  private readonly running = new Map<string, Promise<EncodeResponse>>();
  private readonly lookups;
  private readonly evictions;

  constructor(memory: ConditioningCache, shared: SharedConditioning | undefined, metrics: Metrics) {
    this.memory = memory;
    this.shared = shared;
    this.lookups = metrics.counter({
      name: 'darkroom_conditioning_lookups_total',
      help: 'Prompts asked for, by where their conditioning was: in this process, kept or under way; in the shared cache; nowhere.',
      labelNames: ['result'],
    });
    this.evictions = metrics.counter({
      name: 'darkroom_conditioning_evictions_total',
      help: 'Entries that this process dropped from a cache to make room.',
      labelNames: ['tier'],
    });
    metrics.gauge({
      name: 'darkroom_conditioning_cache_bytes',
      help: 'Bytes of conditioning in a cache; what is shared is the same for all encoders.',
      labelNames: ['tier'],
      collect: async (gauge) => {
        gauge.set({ tier: 'memory' }, memory.bytes);
        const sharedBytes = await shared?.bytes();
        if (sharedBytes === undefined) gauge.remove({ tier: 'shared' });
        else gauge.set({ tier: 'shared' }, sharedBytes);
      },
    });
  }

  /** Finds what a key names, or makes it and keeps it; it rejects only with what `make` throws. */
  async get(key: string, make: () => Promise<MadeConditioning>): Promise<EncodeResponse> {
    const near = this.memory.get(key) ?? this.running.get(key);
    if (near !== undefined) {
      this.lookups.inc({ result: 'memory' });
      return found(await near);
    }
    const running = this.getFarther(key, make).finally(() => this.running.delete(key));
    this.running.set(key, running);
    return await running;
  }

  /** Ends the connection to the shared cache. */
  close(): void {
    this.shared?.close();
  }

  private async getFarther(key: string, make: () => Promise<MadeConditioning>): Promise<EncodeResponse> {
    const shared = await this.shared?.get(key);
    this.lookups.inc({ result: shared === undefined ? 'miss' : 'shared' });
    if (shared !== undefined) {
      this.keepNear(key, shared);
      return found(shared);
    }
    const { conditioning, tokenCount, kernelMs } = await make();
    const entry = { conditioning, tokenCount };
    this.keepNear(key, entry);
    // Nobody waits for this, and it never rejects.
    void this.shared?.set(key, entry).then((evictions) => this.evictions.inc({ tier: 'shared' }, evictions));
    return { ...entry, cached: false, kernelMs };
  }

  private keepNear(key: string, entry: CachedConditioning): void {
    this.evictions.inc({ tier: 'memory' }, this.memory.set(key, entry));
  }
}

function found({ conditioning, tokenCount }: CachedConditioning): EncodeResponse {
  return { conditioning, tokenCount, cached: true, kernelMs: 0 };
}
