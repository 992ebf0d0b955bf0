import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { describeBlobStore, temporaryFolder } from '@darkroom/testing';
import { describe, expect, it } from 'vitest';
import { LocalBlobStore } from './local-blob-store.js';

describeBlobStore('local folder', async () => {
  const folder = await temporaryFolder();
  return { store: new LocalBlobStore(join(folder.path, 'blobs')), dispose: () => folder.remove() };
});

describe('LocalBlobStore', () => {
  it('lets nobody else read, and leaves no drafts behind', async () => {
    const folder = await temporaryFolder();
    const root = join(folder.path, 'blobs');
    await new LocalBlobStore(root).put('generations/gen_1/0.png', Uint8Array.of(1, 2, 3));
    const inside = join(root, 'generations', 'gen_1');
    expect(await readdir(inside)).toEqual(['0.png']);
    expect((await stat(join(inside, '0.png'))).mode & 0o777).toBe(0o600);
    for (const path of [root, join(root, 'generations'), inside]) expect((await stat(path)).mode & 0o777).toBe(0o700);
    await folder.remove();
  });
});
