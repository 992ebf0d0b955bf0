import { describe, expect, it } from 'vitest';
import { imageKey, negativePromptKey, promptKey, resultKey } from './blob-keys.js';
import { computeUnits, guidancePasses, imageSeed } from './compute.js';
import { DarkroomError } from './error/darkroom-error.js';
import { isGenerationId, newGenerationId } from './ids.js';
import { GenerationJob, GenerationResult, ImageFormat } from './messages.js';
import {
  decodeGenerationJob,
  decodeGenerationResult,
  encodeGenerationJob,
  encodeGenerationResult,
  maxInlinePromptBytes,
  queueName,
  travelsInline,
} from './queue.js';

const job = GenerationJob.fromPartial({
  id: newGenerationId(),
  tenantId: 'ten_1',
  keyId: 'key_1',
  model: 'pocket',
  prompt: 'un phare dans la brume',
  width: 256,
  height: 320,
  steps: 20,
  guidanceScale: 4.5,
  seed: 2 ** 32 - 1,
  imageCount: 2,
  format: ImageFormat.IMAGE_FORMAT_WEBP,
  createdAtMs: 1_790_000_000_123,
});

describe('queue payloads', () => {
  it('carry a job there and back', () => {
    expect(decodeGenerationJob(JSON.parse(JSON.stringify(encodeGenerationJob(job))))).toEqual(job);
  });

  it('carry a result there and back', () => {
    const result = GenerationResult.fromPartial({
      id: job.id,
      images: [
        { index: 0, seed: 7, blobKey: 'generations/x/0.png', contentType: 'image/png', width: 64, height: 64, sha256: 'ab' },
      ],
      receipt: { model: 'pocket', versions: { node: '24' }, timings: [{ stage: 'denoise', totalMs: 5.5, kernelMs: 5 }] },
    });
    expect(decodeGenerationResult(encodeGenerationResult(result))).toEqual(result);
  });

  it('stay readable when a newer version added a field', () => {
    const newer = Buffer.concat([GenerationJob.encode(job).finish(), Buffer.from([0xfa, 0x3e, 0x01, 0x41])]);
    expect(decodeGenerationJob({ payload: newer.toString('base64') })).toEqual(job);
  });

  it('hold two prompts of the longest inline size, beside all else at its longest', () => {
    const text = 'x'.repeat(maxInlinePromptBytes);
    expect(travelsInline(text)).toBe(true);
    expect(travelsInline(`${text}é`)).toBe(false);
    const key = `inputs/${job.id}/image.png`;
    const digest = 'f'.repeat(64);
    const replay = { generationId: job.id, modelDigest: `sha256:${digest}`, imageSha256: Array<string>(10).fill(digest) };
    const traceparent = `00-${'f'.repeat(32)}-${'f'.repeat(16)}-01`;
    const rest = { user: '語'.repeat(512), replay, imageBlobKey: key, maskBlobKey: key, traceparent, model: 'm'.repeat(64) };
    expect(() => encodeGenerationJob({ ...job, ...rest, prompt: text, negativePrompt: text })).not.toThrow();
  });

  it('are refused at 16 KiB', () => {
    expect(() => encodeGenerationJob({ ...job, prompt: 'x'.repeat(16_384) })).toThrow(DarkroomError);
  });

  it.each([undefined, null, {}, { payload: 7 }, { payload: '' }, { payload: 'AAAA' }])('are refused when they are %j', (data) => {
    expect(() => decodeGenerationJob(data)).toThrow('no GenerationJob');
  });
});

describe('queueName', () => {
  it('names one queue per model, without a colon', () => {
    expect(queueName('pocket')).toBe('generations-pocket');
    expect(() => queueName('a:b')).toThrow(DarkroomError);
    expect(() => queueName('../x')).toThrow(DarkroomError);
  });
});

describe('ids and keys', () => {
  it('sort by the time they were made and are recognised', () => {
    const ids = Array.from({ length: 100 }, () => newGenerationId());
    expect(ids.toSorted()).toEqual(ids);
    expect(ids.every(isGenerationId)).toBe(true);
    expect(isGenerationId('gen_1')).toBe(false);
    expect(isGenerationId(`${ids[0]}/../x`)).toBe(false);
  });

  it('name blobs by generation', () => {
    expect(imageKey('gen_1', 2, ImageFormat.IMAGE_FORMAT_JPEG)).toBe('generations/gen_1/2.jpg');
    expect(resultKey('gen_1')).toBe('generations/gen_1/result.bin');
    expect(promptKey('gen_1')).toBe('prompts/gen_1.txt');
    expect(negativePromptKey('gen_1')).toBe('prompts/gen_1.negative.txt');
    expect(() => imageKey('gen_1', 0, ImageFormat.IMAGE_FORMAT_UNSPECIFIED)).toThrow(DarkroomError);
  });
});

describe('compute', () => {
  it('is pixels × steps × passes × images', () => {
    expect(computeUnits({ width: 64, height: 32, steps: 10, guidanceScale: 4, imageCount: 3 })).toBe(64 * 32 * 10 * 2 * 3);
    expect(guidancePasses(1)).toBe(1);
    expect(guidancePasses(1.01)).toBe(2);
  });

  it('wraps seeds at 2^32', () => {
    expect(imageSeed(2 ** 32 - 1, 0)).toBe(2 ** 32 - 1);
    expect(imageSeed(2 ** 32 - 1, 2)).toBe(1);
  });
});
