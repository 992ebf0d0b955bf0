import { randomUUID } from 'node:crypto';
import { access, constants, mkdir, open, readFile, rename, rm, stat, statfs } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import type { Readable } from 'node:stream';
import { assertBlobKey, type BlobRoom, type BlobStore } from './blob-store.js';

/** Keeps blobs as files below one folder, readable by this user alone. */
export class LocalBlobStore implements BlobStore {
  private readonly folder: string;

  constructor(folder: string) {
    this.folder = resolve(folder);
  }

  async put(key: string, bytes: Uint8Array): Promise<void> {
    const path = this.pathOf(key);
    await mkdir(dirname(path), { recursive: true, mode: 0o700 });
    // Readers see the old file or the new one, never half of it: write beside it, flush, then rename.
    const draft = join(dirname(path), `.${randomUUID()}.part`);
    try {
      const file = await open(draft, 'wx', 0o600);
      try {
        await file.writeFile(bytes);
        await file.sync();
      } finally {
        await file.close();
      }
      await rename(draft, path);
    } catch (error) {
      await rm(draft, { force: true });
      throw error;
    }
  }

  async get(key: string): Promise<Uint8Array | undefined> {
    return await unlessAbsent(readFile(this.pathOf(key)));
  }

  async stream(key: string): Promise<Readable | undefined> {
    const file = await unlessAbsent(open(this.pathOf(key)));
    // A folder can be opened, but not read.
    if (file === undefined || (await file.stat()).isFile()) return file?.createReadStream();
    await file.close();
    return undefined;
  }

  async exists(key: string): Promise<boolean> {
    return (await unlessAbsent(stat(this.pathOf(key))))?.isFile() ?? false;
  }

  async delete(key: string): Promise<void> {
    await unlessAbsent(rm(this.pathOf(key)));
  }

  async missing(): Promise<string | undefined> {
    try {
      await mkdir(this.folder, { recursive: true, mode: 0o700 });
      await access(this.folder, constants.R_OK | constants.W_OK);
      return undefined;
    } catch (error) {
      return `the blob folder can't be used: ${error instanceof Error ? error.message : String(error)}`;
    }
  }

  async room(): Promise<BlobRoom> {
    const { bavail, blocks, bsize } = await statfs(this.folder);
    return { free: bavail * bsize, all: blocks * bsize };
  }

  async close(): Promise<void> {}

  private pathOf(key: string): string {
    assertBlobKey(key);
    return join(this.folder, key);
  }
}

async function unlessAbsent<Result>(work: Promise<Result>): Promise<Result | undefined> {
  try {
    return await work;
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code === 'ENOENT' || code === 'ENOTDIR' || code === 'EISDIR') return undefined;
    throw error;
  }
}
