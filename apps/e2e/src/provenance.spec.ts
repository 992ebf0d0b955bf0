/** Where pictures are from: everything that is delivered verifies, and what was done to it afterwards is told. */
import { type ProvenanceReportBody, provenanceReportBody } from '@darkroom/contracts/http';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeImage } from './generation.js';
import { TestPlatform } from './platform.js';

let platform: TestPlatform;
beforeAll(async () => {
  platform = await TestPlatform.start();
});
afterAll(() => platform.dispose());

async function verify(image: Buffer, at = platform): Promise<ProvenanceReportBody> {
  const form = new FormData();
  form.append('image', new Blob([new Uint8Array(image)]), 'picture');
  const response = await fetch(`${at.url}/v1/provenance/verify`, {
    method: 'POST',
    headers: { authorization: `Bearer ${at.apiKey}` },
    body: form,
  });
  expect(response.status).toBe(200);
  return provenanceReportBody.parse(await response.json());
}

const pictureOf = async (differing: object = {}) =>
  (await makeImage(platform, { size: '256x256', steps: 4, ...differing })).bytes;
const pixels = (file: Buffer) => sharp(file).removeAlpha().raw().toBuffer();

/** A PNG's chunks of some type, or all others, in one piece. */
function chunks(file: Buffer, isWanted: (type: string) => boolean): Buffer {
  const found: Buffer[] = [];
  for (let at = 8, end = 0; at < file.length; at = end) {
    end = at + 12 + file.readUInt32BE(at);
    if (isWanted(file.toString('latin1', at + 4, at + 8))) found.push(file.subarray(at, end));
  }
  return Buffer.concat(found);
}

describe('a delivered picture', () => {
  it.each(['png', 'jpeg', 'webp'])('verifies as %s, with the receipt that it was delivered with', async (output_format) => {
    const { bytes, answer } = await makeImage(platform, { output_format, size: '256x256', steps: 4 });
    const report = await verify(bytes);
    expect(report).toMatchObject({
      signed: 'untrusted',
      is_ours: true,
      problems: [],
      receipt_source: 'manifest',
      receipt_matches: true,
    });
    expect(report.verdict).toContain('made here');
    expect(report.watermark.detected).toBe(true);
    const { timings: _, ...receipt } = answer.receipt;
    expect(report.receipt).toEqual(receipt);
    expect((await sharp(bytes).metadata()).xmp?.toString()).toContain('digitalsourcetype/trainedAlgorithmicMedia');
    expect(bytes.toString('latin1')).not.toContain('red apple');
  });

  it('verifies in every size and as each of several images', async () => {
    for (const size of ['64x64', '128x192', '512x512']) {
      expect((await verify(await pictureOf({ size, steps: 2 }))).signed).toBe('untrusted');
    }
    const response = await platform.post({ prompt: 'a cat', n: 3, size: '64x64', steps: 2, response_format: 'b64_json' });
    const { data } = (await response.json()) as { data: { b64_json: string }[] };
    expect(data).toHaveLength(3);
    for (const { b64_json } of data) expect((await verify(Buffer.from(b64_json, 'base64'))).signed).toBe('untrusted');
  });

  it('is told to have been changed when one pixel was', async () => {
    const file = await pictureOf();
    const rgb = await pixels(file);
    rgb[30_000] = (rgb[30_000] as number) ^ 1;
    const drawn = await sharp(rgb, { raw: { width: 256, height: 256, channels: 3 } })
      .png()
      .toBuffer();
    const changed = Buffer.concat([
      file.subarray(0, 8),
      chunks(file, (type) => !['IDAT', 'IEND'].includes(type)),
      chunks(drawn, (type) => type === 'IDAT'),
      chunks(file, (type) => type === 'IEND'),
    ]);
    expect(await pixels(changed)).toEqual(rgb);
    const report = await verify(changed);
    expect(report).toMatchObject({ signed: 'invalid', is_ours: true, watermark: { detected: true } });
    expect(report.verdict).toContain('changed after it was signed');
  });

  it.each<[string, (file: Buffer) => Promise<Buffer>]>([
    ['as a JPEG of quality 70', (file) => sharp(file).jpeg({ quality: 70 }).toBuffer()],
    ['at half its size', (file) => sharp(file).resize(128, 128).png().toBuffer()],
    ['as a JPEG of quality 70 at half its size', (file) => sharp(file).resize(128, 128).jpeg({ quality: 70 }).toBuffer()],
  ])('is still known by its mark when it was saved anew %s', async (_, change) => {
    const report = await verify(await change(await pictureOf()));
    expect(report).toMatchObject({ signed: 'none', is_ours: true, watermark: { detected: true } });
    expect(report.verdict).toContain('probably made here');
  });
});

describe('another picture', () => {
  it('is not known to be ours', async () => {
    const noise = sharp({
      create: { width: 256, height: 256, channels: 3, noise: { type: 'gaussian', mean: 128, sigma: 40 }, background: 'grey' },
    });
    const report = await verify(await noise.png().toBuffer());
    expect(report).toMatchObject({ signed: 'none', is_ours: false, watermark: { detected: false } });
    expect(report.verdict).toContain('Nothing says that this picture is ours');
  });

  it("is somebody else's when another platform has signed it", async () => {
    const other = await TestPlatform.start();
    try {
      const { bytes } = await makeImage(other);
      expect(await verify(bytes)).toMatchObject({ signed: 'other_issuer', is_ours: false, issuer: 'Darkroom development' });
      expect(await verify(bytes, other)).toMatchObject({ signed: 'untrusted', is_ours: true });
    } finally {
      await other.dispose();
    }
  });
});
