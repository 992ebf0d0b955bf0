import { createHash } from 'node:crypto';
import type { EncodeResponse } from '@darkroom/contracts';

/** Names a prompt's conditioning: equal keys have equal bytes. The prompt itself is not kept. */
export function conditioningKey(modelDigest: string, prompt: string): string {
  return createHash('sha256').update(modelDigest).update('\0').update(prompt).digest('base64');
}

/** What is kept of an answer: all but what tells of one call. */
export type CachedConditioning = Pick<EncodeResponse, 'conditioning' | 'tokenCount'>;

/**
 * Keeps the conditioning of recent prompts, up to a number of bytes; the least recently used goes first.
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

  /** Keeps an entry, dropping old ones to make room; one that is larger than the whole cache is not kept. */
  set(key: string, entry: CachedConditioning): void {
    this.drop(key);
    const size = sizeOf(entry);
    if (size > this.capacityBytes) {
      return;
    }
    for (const oldest of this.entries.keys()) {
      if (this.usedBytes + size <= this.capacityBytes) {
        break;
      }
      this.drop(oldest);
    }
    this.entries.set(key, entry);
    this.usedBytes += size;
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
