import type { EncodeResponse } from '@darkroom/contracts';

/** What is kept of an answer: all but what tells of one call. */
export type CachedConditioning = Pick<EncodeResponse, 'conditioning' | 'tokenCount'>;

/**
 * Keeps the conditioning of recent prompts in this process, up to a number of bytes; the least recently used goes first.
 *
 * Most requests repeat their negative prompt, and many their prompt with another seed: neither needs the text encoder again.
 */
export class ConditioningCache {
  readonly capacityBytes: number;
  /** Insertion order is order of use, the least recent first. */
  private readonly entries = new Map<string, CachedConditioning>();
  private usedBytes = 0;

  constructor(capacityBytes: number) {
    this.capacityBytes = capacityBytes;
  }

  /** Bytes of tensors kept. */
  get bytes(): number {
    return this.usedBytes;
  }

  get(key: string): CachedConditioning | undefined {
    const entry = this.entries.get(key);
    if (entry !== undefined) {
      this.entries.delete(key);
      this.entries.set(key, entry);
    }
    return entry;
  }

  /**
   * Keeps an entry, dropping old ones to make room; one that is larger than the whole cache is not kept.
   *
   * @returns how many were dropped to make room.
   */
  set(key: string, entry: CachedConditioning): number {
    this.drop(key);
    const size = sizeOf(entry);
    if (size > this.capacityBytes) {
      return 0;
    }
    let evictions = 0;
    for (const oldest of this.entries.keys()) {
      if (this.usedBytes + size <= this.capacityBytes) {
        break;
      }
      this.drop(oldest);
      evictions += 1;
    }
    this.entries.set(key, entry);
    this.usedBytes += size;
    return evictions;
  }

  private drop(key: string): void {
    const entry = this.entries.get(key);
    if (entry !== undefined) {
      this.entries.delete(key);
      this.usedBytes -= sizeOf(entry);
    }
  }
}

function sizeOf({ conditioning }: CachedConditioning): number {
  return conditioning.reduce((bytes, { tensor }) => bytes + (tensor?.data.byteLength ?? 0), 0);
}
