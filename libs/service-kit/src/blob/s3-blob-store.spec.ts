/// <reference path="./s3rver.d.ts" />
import { CreateBucketCommand, S3Client } from '@aws-sdk/client-s3';
import { type BlobStoreFixture, describeBlobStore, temporaryFolder } from '@darkroom/testing';
import S3rver from 's3rver';
import { describe, expect, it } from 'vitest';
import { openBlobStore } from './open-blob-store.js';

// A real S3-compatible server over real HTTP; its fixed key is S3RVER / S3RVER.
async function startServer() {
  const folder = await temporaryFolder();
  const server = new S3rver({ address: '127.0.0.1', port: 0, silent: true, directory: folder.path });
  const { port } = await server.run();
  return {
    endpoint: `http://127.0.0.1:${port}`,
    dispose: async () => {
      await server.close();
      await folder.remove();
    },
  };
}

const credentials = { accessKeyId: 'S3RVER', secretAccessKey: 'S3RVER' };

async function open(): Promise<BlobStoreFixture> {
  const { endpoint, dispose } = await startServer();
  const client = new S3Client({ endpoint, region: 'us-east-1', forcePathStyle: true, credentials });
  await client.send(new CreateBucketCommand({ Bucket: 'darkroom' }));
  client.destroy();
  const store = await openBlobStore({
    stateDir: '',
    blobStoreUrl: 's3://darkroom/images/',
    s3Endpoint: endpoint,
    s3Region: 'us-east-1',
    s3AccessKeyId: credentials.accessKeyId,
    s3SecretAccessKey: credentials.secretAccessKey,
  });
  return { store, dispose };
}

describeBlobStore('S3', open);

describe('S3BlobStore', () => {
  it('says which bucket is missing', async () => {
    const { endpoint, dispose } = await startServer();
    const store = await openBlobStore({
      stateDir: '',
      blobStoreUrl: 's3://absent',
      s3Endpoint: endpoint,
      s3Region: 'us-east-1',
      s3AccessKeyId: credentials.accessKeyId,
      s3SecretAccessKey: credentials.secretAccessKey,
    });
    expect(await store.missing()).toContain('bucket absent');
    await store.close();
    await dispose();
  });
});
