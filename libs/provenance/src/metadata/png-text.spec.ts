import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { pngText, withPngText } from './png-text.js';

const picture = () => sharp({ create: { width: 8, height: 8, channels: 3, background: 'red' } });

describe('a text in a PNG', () => {
  it('comes back, and the picture is the same to any reader', async () => {
    const file = await picture().png().toBuffer();
    const text = '{"seed": 7, "model": "ä€𝄞"}';
    const changed = withPngText(file, 'darkroom:receipt', text);
    expect(pngText(changed, 'darkroom:receipt')).toBe(text);
    expect(pngText(changed, 'darkroom')).toBeUndefined();
    const decoded = sharp(changed, { failOn: 'warning' });
    expect(await decoded.raw().toBuffer()).toEqual(await picture().raw().toBuffer());
    // libspng and libpng check the sum of each chunk, and give texts as they are.
    expect((await decoded.metadata()).comments).toEqual([{ keyword: 'darkroom:receipt', text }]);
  });

  it('is not found in other files, nor in halves of one', async () => {
    const file = withPngText(await picture().png().toBuffer(), 'darkroom:receipt', 'x'.repeat(100));
    expect(pngText(await picture().jpeg().toBuffer(), 'darkroom:receipt')).toBeUndefined();
    expect(pngText(Buffer.alloc(0), 'darkroom:receipt')).toBeUndefined();
    expect(pngText(file.subarray(0, 90), 'darkroom:receipt')).toBeUndefined();
    expect(pngText(await picture().png().toBuffer(), 'darkroom:receipt')).toBeUndefined();
  });
});
