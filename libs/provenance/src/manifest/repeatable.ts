import { createHash } from 'node:crypto';
import { crc32 } from 'node:zlib';
import { DarkroomError } from '@darkroom/contracts';

/** A file that is signed but for the signature itself. */
export interface SignedFile {
  readonly file: Buffer;
  /** Its manifest store, as it stands in the file in one piece. */
  readonly manifests: Buffer;
  /** What is to be signed: the claim in its Sig_structure (RFC 9052, 4.4). */
  readonly toBeSigned: Buffer;
  /** What stands where the signature belongs. */
  readonly placeholder: Buffer;
}

/**
 * Makes a signed file the same whenever the same is signed: c2pa-rs salts each assertion with random bytes, and with them its hash in the
 * claim and the signature change.
 *
 * Salts keep what was redacted from being guessed (C2PA specification 2.2, 8.4.2.4). Nothing is redacted here, so that they may be digests
 * of what they salt. With signature algorithms that draw random numbers themselves, the signature still is another each time.
 *
 * @param sign signs the claim; as long as the placeholder.
 * @throws {DarkroomError} Thrown with `internal` when the manifest is not made as expected.
 */
export async function repeatable(
  { file, manifests, toBeSigned, placeholder }: SignedFile,
  sign: (bytes: Buffer) => Promise<Buffer>,
): Promise<Buffer> {
  const store = Buffer.from(manifests);
  const claim = Buffer.from(toBeSigned);
  for (const { start, end, saltAt } of saltedBoxes(store, 0, store.length)) {
    const content = store.subarray(start, end);
    const hashBefore = sha256(content);
    store.fill(0, saltAt, saltAt + saltBytes);
    sha256(content).copy(store, saltAt, 0, saltBytes);
    const hash = sha256(content);
    replace(claim, hashBefore, hash);
    replace(store, hashBefore, hash);
  }
  replace(store, placeholder, await sign(claim));
  const result = Buffer.from(file);
  const at = replace(result, manifests, store);
  // PNG has a checksum after the chunk, over its type too; JPEG and WebP have none.
  if (result.toString('latin1', at - 4, at) === 'caBX') {
    result.writeUInt32BE(crc32(result.subarray(at - 4, at + store.length)), at + store.length);
  }
  return result;
}

const saltBytes = 16;

interface SaltedBox {
  /** Where the box's content begins and ends: what is hashed, the description first. */
  readonly start: number;
  readonly end: number;
  readonly saltAt: number;
}

/** Finds the superboxes whose description has a salt: JUMBF, ISO 19566-5, and C2PA specification 2.2, 8.4.2.4. */
function* saltedBoxes(bytes: Buffer, from: number, end: number): Generator<SaltedBox> {
  for (let at = from; at + 8 <= end; ) {
    const boxEnd = at + bytes.readUInt32BE(at);
    if (boxEnd <= at || boxEnd > end) throw unexpected('a box of no size, or beyond its own');
    if (bytes.toString('latin1', at + 4, at + 8) === 'jumb') {
      const description = at + 8;
      const contents = description + bytes.readUInt32BE(description);
      // The salt is the description's last box.
      const saltAt = contents - saltBytes;
      if (bytes.toString('latin1', saltAt - 4, saltAt) === 'c2sh') yield { start: description, end: boxEnd, saltAt };
      yield* saltedBoxes(bytes, contents, boxEnd);
    }
    at = boxEnd;
  }
}

/** Replaces bytes by as many others, where they stand for the first time. */
function replace(bytes: Buffer, before: Buffer, after: Buffer): number {
  const at = bytes.indexOf(before);
  if (at < 0 || before.length !== after.length) throw unexpected('a part that is not where it should be');
  after.copy(bytes, at);
  return at;
}

function sha256(bytes: Buffer): Buffer {
  return createHash('sha256').update(bytes).digest();
}

function unexpected(what: string): DarkroomError {
  return new DarkroomError({ code: 'internal', message: `the signed manifest has ${what}` });
}
