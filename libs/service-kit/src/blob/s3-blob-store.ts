import type { Readable } from 'node:stream';
import type { S3Client } from '@aws-sdk/client-s3';
import { assertBlobKey, type BlobStore } from './blob-store.js';

/** Which bucket, where, and with which key. */
export interface S3Options {
  readonly bucket: string;
  /** Put before every key, without slashes at its ends; may be empty. */
  readonly prefix: string;
  readonly region: string;
  /** Address of an S3-compatible server; AWS when absent. */
  readonly endpoint?: string | undefined;
  readonly accessKeyId?: string | undefined;
  readonly secretAccessKey?: string | undefined;
}

type Sdk = typeof import('@aws-sdk/client-s3');

/** Keeps blobs as objects of an S3 bucket. */
export class S3BlobStore implements BlobStore {
  private readonly sdk: Sdk;
  private readonly client: S3Client;
  private readonly options: S3Options;

  private constructor(sdk: Sdk, options: S3Options) {
    const { endpoint, region, accessKeyId, secretAccessKey } = options;
    this.sdk = sdk;
    this.options = options;
    this.client = new sdk.S3Client({
      region,
      // Servers other than AWS seldom know a bucket by host name, nor the SDK's newer trailing checksums.
      ...(endpoint !== undefined && { endpoint, forcePathStyle: true, requestChecksumCalculation: 'WHEN_REQUIRED' as const }),
      ...(accessKeyId !== undefined && secretAccessKey !== undefined && { credentials: { accessKeyId, secretAccessKey } }),
    });
  }

  /** Loads the SDK, which services with a local store never pay for, and makes the store. */
  static async open(options: S3Options): Promise<S3BlobStore> {
    return new S3BlobStore(await import('@aws-sdk/client-s3'), options);
  }

  async put(key: string, bytes: Uint8Array, contentType: string): Promise<void> {
    await this.client.send(new this.sdk.PutObjectCommand({ ...this.locate(key), Body: bytes, ContentType: contentType }));
  }

  async get(key: string): Promise<Uint8Array | undefined> {
    const found = await this.unlessAbsent(this.client.send(new this.sdk.GetObjectCommand(this.locate(key))));
    return await found?.Body?.transformToByteArray();
  }

  async stream(key: string): Promise<Readable | undefined> {
    const found = await this.unlessAbsent(this.client.send(new this.sdk.GetObjectCommand(this.locate(key))));
    // In Node the SDK's body is a stream of Node's.
    return found?.Body as Readable | undefined;
  }

  async exists(key: string): Promise<boolean> {
    return (await this.unlessAbsent(this.client.send(new this.sdk.HeadObjectCommand(this.locate(key))))) !== undefined;
  }

  async delete(key: string): Promise<void> {
    await this.unlessAbsent(this.client.send(new this.sdk.DeleteObjectCommand(this.locate(key))));
  }

  async missing(): Promise<string | undefined> {
    try {
      await this.client.send(new this.sdk.HeadBucketCommand({ Bucket: this.options.bucket }));
      return undefined;
    } catch (error) {
      return `bucket ${this.options.bucket} can't be used: ${error instanceof Error ? error.message : String(error)}`;
    }
  }

  async room(): Promise<undefined> {
    return undefined;
  }

  async close(): Promise<void> {
    this.client.destroy();
  }

  private locate(key: string): { Bucket: string; Key: string } {
    assertBlobKey(key);
    const { bucket, prefix } = this.options;
    return { Bucket: bucket, Key: prefix === '' ? key : `${prefix}/${key}` };
  }

  private async unlessAbsent<Result>(work: Promise<Result>): Promise<Result | undefined> {
    try {
      return await work;
    } catch (error) {
      const isAbsent = error instanceof this.sdk.S3ServiceException && error.$metadata.httpStatusCode === 404;
      if (isAbsent && error.name !== 'NoSuchBucket') return undefined;
      throw error;
    }
  }
}
