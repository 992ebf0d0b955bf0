import { createHash } from 'node:crypto';

/** The hash before the first entry's. */
export const GENESIS: Buffer = Buffer.alloc(32);

/** Returns an entry's hash: SHA-256 of the hash before it, and its bytes. */
export function linkHash(previous: Uint8Array, entry: Uint8Array): Buffer {
  return createHash('sha256').update(previous).update(entry).digest();
}
