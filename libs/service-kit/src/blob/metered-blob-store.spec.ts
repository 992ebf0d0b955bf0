import { join } from 'node:path';
import { describeBlobStore, type TemporaryFolder, temporaryFolder } from '@darkroom/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Metrics } from '../telemetry/metrics.js';
import { LocalBlobStore } from './local-blob-store.js';
import { MeteredBlobStore } from './metered-blob-store.js';

describeBlobStore('metered', async () => {
  const folder = await temporaryFolder();
  const store = new MeteredBlobStore(new LocalBlobStore(join(folder.path, 'blobs')), new Metrics('spec'));
  return { store, dispose: () => folder.remove() };
});

describe('MeteredBlobStore', () => {
  let folder: TemporaryFolder;
  let metrics: Metrics;
  beforeEach(async () => {
    folder = await temporaryFolder();
    metrics = new Metrics('spec');
  });
  afterEach(() => folder.remove());
  const value = async (name: string, operation = '') => {
    const found = await metrics.registry.getSingleMetric(name)?.get();
    return found?.values.find(({ labels }) => operation === '' || labels['operation'] === operation)?.value;
  };

  it('counts what fails, and neither what is not there nor keys that are none', async () => {
    const store = new MeteredBlobStore(new LocalBlobStore(folder.path), metrics);
    await store.put('taken', Uint8Array.of(1), 'image/png');
    expect(await store.get('absent')).toBeUndefined();
    await expect(store.get('../outside')).rejects.toThrow('a blob key is made of');
    for (const operation of ['put', 'get', 'delete']) {
      expect(await value('darkroom_blob_store_failures_total', operation)).toBe(0);
    }
    // What lies there is a file, and no folder.
    const failure = { code: 'unavailable', cause: expect.objectContaining({ code: expect.stringMatching(/^E/) }) };
    await expect(store.put('taken/below', Uint8Array.of(1), 'image/png')).rejects.toMatchObject(failure);
    expect(await value('darkroom_blob_store_failures_total', 'put')).toBe(1);
  });

  it('tells how much room there is, and nothing where nobody knows', async () => {
    const local = new LocalBlobStore(folder.path);
    new MeteredBlobStore(local, metrics);
    const { free, all } = await local.room();
    expect(await value('darkroom_blob_store_size_bytes')).toBe(all);
    expect(((await value('darkroom_blob_store_free_bytes')) ?? 0) / free).toBeCloseTo(1, 1);
    metrics = new Metrics('spec');
    new MeteredBlobStore(new LocalBlobStore(join(folder.path, 'absent')), metrics);
    expect(await value('darkroom_blob_store_free_bytes')).toBeUndefined();
  });
});
