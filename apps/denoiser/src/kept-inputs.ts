import { type GenerationJob, storedPromptKeys } from '@darkroom/contracts';
import type { BlobStore } from '@darkroom/service-kit';
import { expireBlobs, expiredBlobs, forgetExpiredBlobs, JOB_RETENTION_SECONDS } from '@darkroom/service-kit/queue';
import { Inject, Injectable } from '@nestjs/common';
import { GenerationStore, openedBlobStore } from './generation-store.js';
import { RedisConnections } from './redis-connections.js';

/**
 * Keeps the long prompts of generations in the blob store as long as they can be fetched, so that they can be made again, and no longer.
 * Pictures that were edited lie beside the images, and stay as long as those.
 *
 * Like the queue's own jobs, what is old goes when another generation has ended.
 */
@Injectable()
export class KeptInputs {
  constructor(
    private readonly connections: RedisConnections,
    private readonly store: GenerationStore,
    @Inject(openedBlobStore) private readonly blobs: BlobStore,
  ) {}

  /** Keeps the prompts of a generation that has succeeded for a day, and deletes those of others that had theirs. */
  async keep(job: GenerationJob): Promise<void> {
    const { commands } = this.connections;
    await expireBlobs(commands, storedPromptKeys(job), Date.now() + JOB_RETENTION_SECONDS * 1000);
    const expired = await expiredBlobs(commands);
    await this.delete(expired);
    // Last, so that what could not be deleted is tried again.
    await forgetExpiredBlobs(commands, expired);
  }

  /** Deletes the inputs of a generation that will not be made again. */
  async forget(job: GenerationJob): Promise<void> {
    await Promise.all([this.delete(storedPromptKeys(job)), this.store.forgetPicture(job)]);
  }

  private async delete(keys: readonly string[]): Promise<void> {
    await Promise.all(keys.map((key) => this.blobs.delete(key)));
  }
}
