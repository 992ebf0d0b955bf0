import { crc32 } from 'node:zlib';

/** Bytes before the first chunk: PNG's signature. */
const signatureLength = 8;

/**
 * Puts a text into a PNG, as an `iTXt` chunk before its pixels (W3C PNG, third edition, 11.3.3.4).
 *
 * @param keyword 1 to 79 characters of Latin-1.
 * @param text of any characters.
 */
export function withPngText(file: Buffer, keyword: string, text: string): Buffer {
  // No compression, no language, no translated keyword.
  const body = Buffer.concat([Buffer.from(`iTXt${keyword}\0\0\0\0\0`, 'latin1'), Buffer.from(text)]);
  const frame = Buffer.alloc(8);
  frame.writeUInt32BE(body.length - 4, 0);
  frame.writeUInt32BE(crc32(body), 4);
  const header = chunksOf(file).next().value;
  const at = header?.end ?? file.length;
  return Buffer.concat([file.subarray(0, at), frame.subarray(0, 4), body, frame.subarray(4), file.subarray(at)]);
}

/** Returns a text that {@link withPngText} put into a PNG; undefined where there is none, or the file is no PNG. */
export function pngText(file: Buffer, keyword: string): string | undefined {
  const start = Buffer.from(`${keyword}\0\0\0\0\0`, 'latin1');
  for (const { type, data } of chunksOf(file)) {
    if (type === 'IDAT') return undefined;
    if (type === 'iTXt' && data.subarray(0, start.length).equals(start)) return data.subarray(start.length).toString();
  }
  return undefined;
}

interface Chunk {
  readonly type: string;
  readonly data: Buffer;
  /** Where the next chunk begins in the file. */
  readonly end: number;
}

/** Lists the chunks of a PNG as far as they are whole. */
function* chunksOf(file: Buffer): Generator<Chunk, undefined> {
  let at = signatureLength;
  while (at + 12 <= file.length) {
    const data = at + 8;
    const end = data + file.readUInt32BE(at) + 4;
    if (end > file.length) return;
    yield { type: file.toString('latin1', at + 4, data), data: file.subarray(data, end - 4), end };
    at = end;
  }
}
