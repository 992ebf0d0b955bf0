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
  it('is the first 32 bits of a digest of the sorted recipe', () => {
    const text =
      '[["guidance_scale",4],["height",256],["model","pocket"],["model_digest","sha256:ab"],["scheduler","euler"],["seed",7],["shift",3],' +
      '["steps",20],["width",256]]';
    expect(markPayload(receipt).toString(16)).toBe(
      createHash('sha256').update(text).digest('hex').slice(0, 8).replace(/^0+/, ''),
    );
  });

  it('does not depend on versions nor on the order of names, but on everything else', () => {
    const { versions: _, model, ...rest } = receipt;
    expect(markPayload({ versions: { node: '25' }, ...rest, model })).toBe(markPayload(receipt));
    expect(markPayload({ ...receipt, seed: 8 })).not.toBe(markPayload(receipt));
    expect(markPayload({ ...receipt, strength: 0.5 })).not.toBe(markPayload(receipt));
  });
});
