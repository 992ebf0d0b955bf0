import { type BlobStore, openBlobStore } from '@darkroom/service-kit';
import { Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { Config } from '../config.js';

/** The blob store that the configuration names, opened when it is needed first: most control planes never show a picture. */
@Injectable()
export class Blobs implements OnApplicationShutdown {
  private readonly config: Config;
  private opening: Promise<BlobStore> | undefined;

  constructor(config: Config) {
    this.config = config;
  }

  async store(): Promise<BlobStore> {
    this.opening ??= openBlobStore(this.config);
    return await this.opening;
  }

  /** Reads a blob whole; undefined when it is gone. */
  async read(key: string): Promise<Buffer | undefined> {
    const bytes = await (await this.store()).get(key);
    return bytes && Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  async onApplicationShutdown(): Promise<void> {
    await (await this.opening?.catch(() => undefined))?.close();
  }
}
