import { type BlobStore, MeteredBlobStore, Metrics, openBlobStore, Readiness } from '@darkroom/service-kit';
import { Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { Config } from '../config.js';

/** The blob store that the configuration names. */
@Injectable()
export class Blobs implements OnApplicationShutdown {
  private readonly opening: Promise<BlobStore>;

  constructor(config: Config, readiness: Readiness, metrics: Metrics) {
    this.opening = readiness.load('blob store', async () => new MeteredBlobStore(await openBlobStore(config), metrics));
    readiness.require('blob store answers', async () => await (await this.opening).missing());
  }

  async store(): Promise<BlobStore> {
    return await this.opening;
  }

  async onApplicationShutdown(): Promise<void> {
    const store = await this.opening.catch(() => undefined);
    await store?.close();
  }
}
