import { createHash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { access, mkdir, mkdtemp, readdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Log } from '@darkroom/service-kit';
import pLimit from 'p-limit';
import { checksum, DamagedModelError, digestOf, parseDigests } from './digests.js';
import type { ModelSource } from './model-source.js';
import { openFolder, type S3Config } from './open-folder.js';

/** Files that are fetched at a time. */
const PARALLEL_FILES = 4;
/** Waits before the attempts that follow the first. */
const RETRY_SECONDS = [1, 4, 15];
/** What a fetcher left that was killed is removed once no fetcher can still be at work on it. */
const ABANDONED_MS = 24 * 60 * 60 * 1000;

const PARTIAL = '.partial-';

/** Keeps models in folders that are named by their digests, and are there whole or not at all; many fetchers may share one. */
export class ModelCache {
  private readonly folder: string;
  private readonly s3: S3Config;
  private readonly log: Log;
  private readonly retrySeconds: readonly number[];

  constructor(folder: string, s3: S3Config, log: Log, retrySeconds = RETRY_SECONDS) {
    this.folder = folder;
    this.s3 = s3;
    this.log = log;
    this.retrySeconds = retrySeconds;
  }

  /**
   * Returns the folder of a model, after fetching it unless it is there.
   *
   * @throws {DamagedModelError} Thrown when a file is missing or not what its digest says; nothing is kept then.
   * @throws {Error} Thrown when the source can't be reached, after several attempts.
   */
  async folderOf(source: ModelSource): Promise<string> {
    const target = join(this.folder, source.digest.replace(':', '-'));
    await mkdir(this.folder, { recursive: true });
    if (await exists(target)) return target;
    await this.removeAbandoned();
    const partial = await mkdtemp(join(this.folder, PARTIAL));
    try {
      await this.fetchInto(partial, source);
      await rename(partial, target).catch(async (error: unknown) => {
        // Another fetcher was quicker: what it has is the same, byte for byte.
        if (!(await exists(target))) throw error;
      });
    } finally {
      await rm(partial, { recursive: true, force: true });
    }
    return target;
  }

  private async fetchInto(target: string, source: ModelSource): Promise<void> {
    const folder = await openFolder(source.from, this.s3);
    const open = async (file: string): Promise<Readable> => {
      const stream = await folder.open(file);
      if (stream === undefined) throw new DamagedModelError(`model ${source.name} has no ${file} in ${source.from}`);
      return stream;
    };
    try {
      const list = await this.trying(source, 'digests.json', async () => await buffer(await open('digests.json')));
      const digests = parseDigests(source, list);
      await writeFile(join(target, 'digests.json'), list);
      const fetchFile = async (file: string, expected: string) => {
        const path = join(target, file);
        await mkdir(dirname(path), { recursive: true });
        await this.trying(source, file, async () => {
          const hash = createHash('sha256');
          await pipeline(await open(file), checksum(hash), createWriteStream(path, { flush: true }));
          const actual = digestOf(hash);
          if (actual !== expected)
            throw new DamagedModelError(`model ${source.name}: ${file} should be ${expected} but is ${actual}`);
        });
      };
      let problem: unknown;
      // Once one has failed no other is begun, and those that were are waited for: nobody may write into a folder that is being removed.
      await pLimit(PARALLEL_FILES).map([...digests], async ([file, expected]) => {
        if (problem !== undefined) return;
        await fetchFile(file, expected).catch((error: unknown) => {
          problem ??= error;
        });
      });
      if (problem !== undefined) throw problem;
    } finally {
      await folder.close();
    }
  }

  /** Does something that a lost connection may fail, again if need be; what is damaged stays so. */
  private async trying<Result>({ name }: ModelSource, file: string, work: () => Promise<Result>): Promise<Result> {
    for (const seconds of this.retrySeconds) {
      try {
        return await work();
      } catch (error) {
        if (error instanceof DamagedModelError) throw error;
        this.log.warn(`model ${name}: ${file} could not be fetched and is tried again`, { seconds, error });
        await sleep(seconds * 1000);
      }
    }
    return await work();
  }

  private async removeAbandoned(): Promise<void> {
    for (const name of await readdir(this.folder)) {
      if (!name.startsWith(PARTIAL)) continue;
      const path = join(this.folder, name);
      const found = await stat(path).catch(() => undefined);
      if (found !== undefined && Date.now() - found.mtimeMs > ABANDONED_MS) await rm(path, { recursive: true, force: true });
    }
  }
}

async function exists(path: string): Promise<boolean> {
  return await access(path).then(
    () => true,
    () => false,
  );
}
