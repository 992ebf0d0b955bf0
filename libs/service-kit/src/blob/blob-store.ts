import type { Readable } from 'node:stream';
import { DarkroomError } from '@darkroom/contracts';

/** Keeps bytes under keys like `generations/gen_…/0.png`; what one process stored, every other can read at once. */
export interface BlobStore {
  /** Stores the bytes whole or not at all; an older blob under the key is replaced. */
  put(key: string, bytes: Uint8Array, contentType: string): Promise<void>;
  /** Returns the bytes, or undefined when there is no such blob. */
  get(key: string): Promise<Uint8Array | undefined>;
  /** Returns the bytes as a stream, for blobs that may be larger than memory; undefined when there is no such blob. */
  stream(key: string): Promise<Readable | undefined>;
  exists(key: string): Promise<boolean>;
  /** Deletes the blob; no error when there is none. */
  delete(key: string): Promise<void>;
  /** Says why the store can't be used, or undefined when it can; fits `Readiness.require`. */
  missing(): Promise<string | undefined>;
  /** Tells how much room there is; undefined where nobody counts it, as in S3. */
  room(): Promise<BlobRoom | undefined>;
  close(): Promise<void>;
}

/** Room for blobs, in bytes. */
export interface BlobRoom {
  readonly free: number;
  readonly all: number;
}

const SEGMENT = /^[A-Za-z0-9][A-Za-z0-9._-]*$/;

/**
 * Checks that a key is made of plain path segments, so that it can't leave the store's folder.
 *
 * @throws {DarkroomError} Thrown with `invalid_argument` when it isn't.
 */
export function assertBlobKey(key: string): void {
  const fits = key.length <= 512 && key.split('/').every((segment) => SEGMENT.test(segment));
  if (!fits) {
    throw new DarkroomError({
      code: 'invalid_argument',
      message: 'a blob key is made of segments of letters, digits, ".", "_" and "-", separated by "/"',
      param: 'key',
    });
  }
}
