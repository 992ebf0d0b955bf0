import { createHash, type Hash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Transform } from 'node:stream';
import { z } from 'zod';
import type { ModelSource } from './model-source.js';

const path = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]*(\/[A-Za-z0-9][A-Za-z0-9._-]*)*$/, 'expected a path of plain segments');

const digestsFile = z.object({ files: z.record(path, z.string().regex(/^sha256:[0-9a-f]{64}$/)) });

/** Thrown when a model is not what its digest says, which no further attempt mends. */
export class DamagedModelError extends Error {
  override readonly name = 'DamagedModelError';
}

/**
 * Reads a `digests.json` that must have its source's digest: the SHA-256 of each file by its path.
 *
 * @throws {DamagedModelError} Thrown when it is another, or malformed.
 */
export function parseDigests({ name, digest }: ModelSource, bytes: Uint8Array): ReadonlyMap<string, string> {
  const actual = digestOf(createHash('sha256').update(bytes));
  if (actual !== digest) throw new DamagedModelError(`model ${name}: digests.json should be ${digest} but is ${actual}`);
  const parsed = digestsFile.safeParse(JSON.parse(new TextDecoder().decode(bytes)));
  if (!parsed.success) throw new DamagedModelError(`model ${name}: digests.json is malformed: ${z.prettifyError(parsed.error)}`);
  return new Map(Object.entries(parsed.data.files));
}

/**
 * Checks every file of a folder against its `digests.json`, and that against the source's digest.
 *
 * @throws {DamagedModelError} Thrown with the first file that is missing or not what it should be.
 */
export async function verifyFolder(folder: string, source: ModelSource): Promise<void> {
  const missing = (file: string) => (cause: unknown) => {
    throw new DamagedModelError(`model ${source.name}: ${file} can't be read in ${folder}`, { cause });
  };
  const list = await readFile(join(folder, 'digests.json')).catch(missing('digests.json'));
  for (const [file, expected] of parseDigests(source, list)) {
    const hash = createHash('sha256');
    await addFile(hash, join(folder, file)).catch(missing(file));
    const actual = digestOf(hash);
    if (actual !== expected) throw new DamagedModelError(`model ${source.name}: ${file} should be ${expected} but is ${actual}`);
  }
}

async function addFile(hash: Hash, path: string): Promise<void> {
  for await (const chunk of createReadStream(path, { highWaterMark: 1024 * 1024 })) hash.update(chunk as Buffer);
}

/** Feeds a hash with what passes through. */
export function checksum(hash: Hash): Transform {
  return new Transform({
    transform: (chunk: Buffer, _encoding, done) => {
      hash.update(chunk);
      done(null, chunk);
    },
  });
}

/** Ends a SHA-256 and writes it as digests are written. */
export function digestOf(hash: Hash): string {
  return `sha256:${hash.digest('hex')}`;
}
