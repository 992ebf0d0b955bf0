import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ConfigError } from '../config/config.js';
import type { BlobStore } from './blob-store.js';
import { LocalBlobStore } from './local-blob-store.js';

/** The values of `blobVariables`, and the state folder that the default lies in. */
export interface BlobStoreConfig {
  readonly stateDir: string;
  readonly blobStoreUrl?: string | undefined;
  readonly s3Endpoint?: string | undefined;
  readonly s3Region: string;
  readonly s3AccessKeyId?: string | undefined;
  readonly s3SecretAccessKey?: string | undefined;
}

/**
 * Opens the store that the configuration names.
 *
 * @throws {ConfigError} Thrown when BLOB_STORE_URL names no folder or bucket.
 */
export async function openBlobStore(config: BlobStoreConfig): Promise<BlobStore> {
  if (config.blobStoreUrl === undefined) return new LocalBlobStore(join(config.stateDir, 'blobs'));
  const url = new URL(config.blobStoreUrl);
  switch (url.protocol) {
    case 'file:':
      if (url.host !== '') throw new ConfigError('BLOB_STORE_URL has a host; a folder is written file:///folder');
      return new LocalBlobStore(fileURLToPath(url));
    case 's3:': {
      if (url.hostname === '') throw new ConfigError('BLOB_STORE_URL names no bucket; write s3://bucket/prefix');
      // A cluster's SDK stays unloaded on one machine: it costs memory and start-up time.
      const { S3BlobStore } = await import('./s3-blob-store.js');
      return await S3BlobStore.open({
        bucket: url.hostname,
        prefix: url.pathname.replace(/^\/+|\/+$/g, ''),
        region: config.s3Region,
        endpoint: config.s3Endpoint,
        accessKeyId: config.s3AccessKeyId,
        secretAccessKey: config.s3SecretAccessKey,
      });
    }
    default:
      throw new ConfigError(`BLOB_STORE_URL has the scheme ${url.protocol}//; use file:///folder or s3://bucket/prefix`);
  }
}
