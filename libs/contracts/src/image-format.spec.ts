import { describe, expect, it } from 'vitest';
import { encodingOf } from './image-format.js';

const bytes = (latin1: string) => new Uint8Array(Buffer.from(latin1, 'latin1'));

describe('encodingOf', () => {
  // The signatures of W3C PNG 5.2, ITU-T T.81 B.1.1.3 and RFC 9649.
  it.each([
    ['png', '\x89PNG\r\n\x1a\n\0\0\0\rIHDR'],
    ['jpeg', '\xff\xd8\xff\xe0\0\x10JFIF'],
    ['webp', 'RIFF\x24\0\0\0WEBPVP8 '],
  ])('knows %s', (name, start) => {
    expect(encodingOf(bytes(start))).toBe(name);
    // A view into a larger buffer, as files come over gRPC.
    expect(encodingOf(bytes(`??${start}`).subarray(2))).toBe(name);
  });

  it.each([
    '',
    '\x89PNG',
    '\x89PNG\n\x1a\n',
    '\xff\xd8',
    'GIF89a',
    'RIFF\0\0\0\0WAVE',
    'RIFF\0\0\0\0WEB',
    '<svg',
    'x\xff\xd8\xff',
  ])('knows nothing of %j', (start) => {
    expect(encodingOf(bytes(start))).toBeUndefined();
  });
});
