import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { markPayload, type PictureReceipt } from './receipt.js';

const receipt: PictureReceipt = {
  model: 'pocket',
  model_digest: 'sha256:ab',
  scheduler: 'euler',
  shift: 3,
  steps: 20,
  guidance_scale: 4,
  seed: 7,
  width: 256,
  height: 256,
  versions: { node: '24.0.0' },
};

describe('markPayload', () => {
  it('is the first 32 bits of a digest of what the picture is drawn from', () => {
    const text = '["sha256:ab","euler",3,7,256,256,20,4]';
    const digest = createHash('sha256').update(text).digest('hex');
    expect(markPayload(receipt).toString(16).padStart(8, '0')).toBe(digest.slice(0, 8));
  });

  it('does not depend on versions nor on names for the usual, but on seed and model', () => {
    expect(markPayload({ ...receipt, solver: 'euler', versions: { node: '25' } })).toBe(markPayload(receipt));
    expect(markPayload({ ...receipt, seed: 8 })).not.toBe(markPayload(receipt));
    expect(markPayload({ ...receipt, model_digest: 'sha256:cd' })).not.toBe(markPayload(receipt));
  });
});
