import { checkpointKey, type GenerationJob } from '@darkroom/contracts';
import { type BlobStore, Log, Metrics } from '@darkroom/service-kit';
import { Inject, Injectable } from '@nestjs/common';
import { openedBlobStore } from './generation-store.js';

/** The last checkpoint of each image of a generation that is under way, in the blob store, where every worker finds it. */
@Injectable()
export class CheckpointStore {
  private readonly storeSeconds;

  constructor(
    @Inject(openedBlobStore) private readonly blobs: BlobStore,
    private readonly log: Log,
    metrics: Metrics,
  ) {
    this.storeSeconds = metrics.histogram({
      name: 'darkroom_checkpoint_store_seconds',
      help: 'How long a checkpoint took to be stored, while the steps went on.',
    });
  }

  /** Returns the checkpoints that earlier workers have left, by image. */
  async load({ id, imageCount }: GenerationJob): Promise<ReadonlyMap<number, Uint8Array>> {
    const all = await Promise.all(
      Array.from({ length: imageCount }, async (_, image) => [image, await this.blobs.get(checkpointKey(id, image))] as const),
    );
    return new Map(all.filter((entry): entry is readonly [number, Uint8Array] => entry[1] !== undefined));
  }

  /** Begins to write the checkpoints of a generation. */
  writer(generationId: string): CheckpointWriter {
    return new CheckpointWriter(async (image, checkpoint) => {
      const start = performance.now();
      try {
        await this.blobs.put(checkpointKey(generationId, image), checkpoint, 'application/octet-stream');
        this.storeSeconds.observe((performance.now() - start) / 1000);
      } catch (error) {
        // The steps are made all the same; only a worker's death would cost more of them.
        this.log.warn('a checkpoint could not be stored', { generationId, error });
      }
    });
  }

  /** Deletes the checkpoints of a generation that has ended. */
  async delete({ id, imageCount }: GenerationJob): Promise<void> {
    await Promise.all(Array.from({ length: imageCount }, (_, image) => this.blobs.delete(checkpointKey(id, image))));
  }
}

/** Stores the checkpoints of one generation, one at a time for each image, while its steps go on: of several that wait, the newest. */
export class CheckpointWriter {
  /** Images with a checkpoint that is being stored, and the one that follows it. */
  private readonly waiting = new Map<number, Uint8Array | undefined>();
  private readonly writing = new Set<Promise<void>>();
  private count = 0;

  constructor(private readonly store: (image: number, checkpoint: Uint8Array) => Promise<void>) {}

  /** Whether any checkpoint was given to it. */
  get hasWritten(): boolean {
    return this.count > 0;
  }

  /** Stores a checkpoint of an image, soon; nobody waits for it. */
  write(image: number, checkpoint: Uint8Array): void {
    this.count += 1;
    const isBusy = this.waiting.has(image);
    this.waiting.set(image, checkpoint);
    if (isBusy) return;
    const writing = this.writeAll(image).finally(() => this.writing.delete(writing));
    this.writing.add(writing);
  }

  /** Resolves when everything that was given is stored. */
  async flushed(): Promise<void> {
    while (this.writing.size > 0) await Promise.all(this.writing);
  }

  private async writeAll(image: number): Promise<void> {
    for (let next = this.waiting.get(image); next !== undefined; next = this.waiting.get(image)) {
      this.waiting.set(image, undefined);
      await this.store(image, next);
    }
    this.waiting.delete(image);
  }
}
