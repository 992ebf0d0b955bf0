/** Worker program: reads every file of a model folder again, in slices with rests between them. */
import { createHash } from 'node:crypto';
import { type FileHandle, open, stat } from 'node:fs/promises';
import { setPriority } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { ModelFolder } from '../model-folder.js';
import { PipelineError } from '../pipeline-error.js';
import { type Call, serve } from '../worker/serve.js';

/** Bytes that are hashed between two rests: a few milliseconds of a core. */
const sliceBytes = 4 * 1024 * 1024;

/** How long it rests for each millisecond of hashing: kernels beside it lose no more than a quarter of a core. */
const restsPerHashing = 3;

/** Where others have the cores, hashing takes long by the clock and not of a core, and needs no longer rest than this. */
const longestRestMs = 25;

/** A file that is not as its digest says. */
export interface FileFinding {
  /** Slash-separated, within the folder. */
  readonly file: string;
  readonly expected: string;
  /** Undefined for a file that is missing or can't be read. */
  readonly actual: string | undefined;
}

/** How far a check has come. */
export interface FolderCheckProgress {
  readonly bytesRead: number;
  /** Of all files that the digests list and that are there. */
  readonly bytes: number;
}

/** What a check found. */
export interface FolderCheckResult extends FolderCheckProgress {
  /** Digest of `digests.json` as it is now. */
  readonly digest: string;
  readonly files: number;
  readonly findings: readonly FileFinding[];
}

/** What the program offers. */
export type FolderCheckMethods = {
  check: { args: string; result: FolderCheckResult; event: FolderCheckProgress };
};

// Kernels that want its core get most of it; 19 would leave it none on a busy machine. Elsewhere than on Linux it would be the whole process's.
if (process.platform === 'linux') setPriority(10);

await serve<FolderCheckMethods, undefined, undefined>(async () => ({ ready: undefined, handlers: { check } }));

async function check(path: string, call: Call<FolderCheckProgress>): Promise<FolderCheckResult> {
  const folder = await ModelFolder.open(path);
  const sizes = await Promise.all([...folder.digests.keys()].map((file) => sizeOf(join(folder.path, file))));
  const bytes = sizes.reduce((sum, size) => sum + size, 0);
  const slice = Buffer.allocUnsafeSlow(sliceBytes);
  const findings: FileFinding[] = [];
  let bytesRead = 0;
  for (const [file, expected] of folder.digests) {
    const actual = await digestOf(join(folder.path, file), slice, (read) => {
      if (call.isCancelled()) throw PipelineError.cancelled();
      bytesRead += read;
      call.emit({ bytesRead, bytes });
    });
    if (actual !== expected) findings.push({ file, expected, actual });
  }
  return { digest: folder.digest, files: folder.digests.size, bytesRead, bytes, findings };
}

async function sizeOf(path: string): Promise<number> {
  return await stat(path).then(
    ({ size }) => size,
    () => 0,
  );
}

/** Hashes a file; undefined when it is missing or can't be read to its end. */
async function digestOf(path: string, slice: Buffer, onSlice: (bytes: number) => void): Promise<string | undefined> {
  const hash = createHash('sha256');
  let handle: FileHandle | undefined;
  try {
    handle = await open(path);
    for (;;) {
      const { bytesRead } = await handle.read(slice, 0, slice.length);
      if (bytesRead === 0) return `sha256:${hash.digest('hex')}`;
      const beganMs = performance.now();
      hash.update(slice.subarray(0, bytesRead));
      const hashedMs = performance.now() - beganMs;
      onSlice(bytesRead);
      await sleep(Math.min(longestRestMs, restsPerHashing * hashedMs));
    }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).syscall === undefined) throw error;
    return undefined;
  } finally {
    await handle?.close();
  }
}
