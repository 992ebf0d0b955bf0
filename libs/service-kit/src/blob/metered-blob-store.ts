import type { Readable } from 'node:stream';
import { DarkroomError } from '@darkroom/contracts';
import type { Metrics } from '../telemetry/metrics.js';
import type { BlobRoom, BlobStore } from './blob-store.js';

/**
 * A blob store that tells how much room there is, and counts what fails: its errors are `unavailable`, whatever the store's own are, since
 * all of them pass by an operator's hand.
 */
export class MeteredBlobStore implements BlobStore {
  private readonly store: BlobStore;
  private readonly failures;

  constructor(store: BlobStore, metrics: Metrics) {
    this.store = store;
    this.failures = metrics.counter({
      name: 'darkroom_blob_store_failures_total',
      help: 'Questions to the blob store that failed, by what was wanted: put, get, delete.',
      labelNames: ['operation'],
    });
    // From the start, so that the first failure is a rise.
    for (const operation of ['put', 'get', 'delete']) this.failures.inc({ operation }, 0);
    metrics.gauge({
      name: 'darkroom_blob_store_free_bytes',
      help: 'Room that is left for blobs; absent where it has no bounds, as in S3.',
      collect: async (gauge) => set(gauge, (await this.roomNow())?.free),
    });
    metrics.gauge({
      name: 'darkroom_blob_store_size_bytes',
      help: 'Room that there is for blobs and all else that is kept with them; absent where it has no bounds.',
      collect: async (gauge) => set(gauge, (await this.roomNow())?.all),
    });
  }

  put(key: string, bytes: Uint8Array, contentType: string): Promise<void> {
    return this.counted('put', this.store.put(key, bytes, contentType));
  }

  get(key: string): Promise<Uint8Array | undefined> {
    return this.counted('get', this.store.get(key));
  }

  stream(key: string): Promise<Readable | undefined> {
    return this.counted('get', this.store.stream(key));
  }

  exists(key: string): Promise<boolean> {
    return this.counted('get', this.store.exists(key));
  }

  delete(key: string): Promise<void> {
    return this.counted('delete', this.store.delete(key));
  }

  missing(): Promise<string | undefined> {
    return this.store.missing();
  }

  room(): Promise<BlobRoom | undefined> {
    return this.store.room();
  }

  close(): Promise<void> {
    return this.store.close();
  }

  private async counted<Result>(operation: string, work: Promise<Result>): Promise<Result> {
    try {
      return await work;
    } catch (error) {
      // A wrong key is the asker's failure.
      if (error instanceof DarkroomError && error.code === 'invalid_argument') throw error;
      this.failures.inc({ operation });
      throw new DarkroomError({
        code: 'unavailable',
        message: 'the blob store can not be used at the moment',
        retryAfterSeconds: 5,
        cause: error,
      });
    }
  }

  /** A store that can't be asked is told of by its failures; the other metrics are to be had all the same. */
  private roomNow(): Promise<BlobRoom | undefined> {
    return this.store.room().catch(() => undefined);
  }
}

function set(gauge: { set(value: number): void; remove(): void }, value: number | undefined): void {
  if (value === undefined) gauge.remove();
  else gauge.set(value);
}
