import { createHash } from 'node:crypto';
import { EncodeResponse } from '@darkroom/contracts';
import type { CachedConditioning } from './conditioning-cache.js';

/** First bytes of every entry: what it is, and in which version of this layout. */
const MAGIC = Buffer.from('DRC1');

const DIGEST_BYTES = 32;

/** Bytes of an entry before its message. */
const HEADER_BYTES = MAGIC.length + DIGEST_BYTES;

/** Writes an entry for the shared cache: `DRC1`, a SHA-256 of key and message, then the message, an `EncodeResponse`. */
export function toEntryBytes(key: string, { conditioning, tokenCount }: CachedConditioning): Buffer {
  const message = EncodeResponse.encode({ conditioning, tokenCount, cached: false, kernelMs: 0 }).finish();
  return Buffer.concat([MAGIC, digestOf(key, message), message]);
}

/** Reads an entry; undefined when it is of another version, damaged, or another key's. */
export function fromEntryBytes(key: string, bytes: Buffer): CachedConditioning | undefined {
  const message = bytes.subarray(HEADER_BYTES);
  const header = bytes.subarray(0, HEADER_BYTES);
  if (!header.equals(Buffer.concat([MAGIC, digestOf(key, message)]))) return undefined;
  const { conditioning, tokenCount } = EncodeResponse.decode(message);
  return { conditioning, tokenCount };
}

function digestOf(key: string, message: Uint8Array): Buffer {
  return createHash('sha256').update(key).update(message).digest();
}
