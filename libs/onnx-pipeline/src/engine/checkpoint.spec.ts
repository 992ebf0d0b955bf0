import { gaussianNoise, tensor } from '@darkroom/tensor';
import { describe, expect, it } from 'vitest';
import { type Checkpoint, decodeCheckpoint, encodeCheckpoint, type RequestFacts, tensorsDigest } from './checkpoint.js';

const request: RequestFacts = {
  seed: 7,
  width: 128,
  height: 96,
  steps: 20,
  guidanceScale: 4.1,
  solver: 'heun',
  sigmas: 'model',
  firstBlockCache: 0.1,
  conditioning: ['sha256:aa', 'sha256:bb'],
};
const checkpoint: Checkpoint = {
  request,
  model: 'sha256:cc',
  solver: { pass: 11, memory: { derivative: gaussianNoise(1, [12]).data } },
  latents: gaussianNoise(2, [12]).data,
  cached: { firstBlock: gaussianNoise(3, [24]).data, remainingBlocks: gaussianNoise(4, [24]).data },
  usage: { kernelMs: 12.5, passes: 3, queueMs: 4 },
};
const expected = { request, model: 'sha256:cc' };

describe('a checkpoint', () => {
  it('comes back as it was, to the bit', () => {
    expect(decodeCheckpoint(encodeCheckpoint(checkpoint), expected)).toEqual(checkpoint);
  });

  it('without cached residuals comes back without them, also from before there were any', () => {
    const { firstBlockCache: _, ...former } = request;
    const plain = { ...checkpoint, request: former as RequestFacts, cached: undefined };
    const wanted = { ...expected, request: { ...request, firstBlockCache: 0 } };
    expect(decodeCheckpoint(encodeCheckpoint(plain), wanted)).toEqual(plain);
  });

  it('comes back from bytes that lie anywhere, and for facts in any order', () => {
    const bytes = encodeCheckpoint(checkpoint);
    const shifted = new Uint8Array(bytes.length + 3);
    shifted.set(bytes, 3);
    const reversed = Object.fromEntries(Object.entries(request).reverse()) as unknown as RequestFacts;
    expect(decodeCheckpoint(shifted.subarray(3), { ...expected, request: reversed })).toEqual(checkpoint);
  });

  it('is corrupted when any byte has changed, or some are missing', () => {
    const bytes = encodeCheckpoint(checkpoint);
    for (let i = 0; i < bytes.length; i++) {
      const damaged = bytes.slice();
      damaged[i] = (damaged[i] as number) ^ 1;
      expect(decodeCheckpoint(damaged, expected)).toBe('corrupted');
    }
    for (const length of [0, 5, 40, bytes.length - 1]) {
      expect(decodeCheckpoint(bytes.subarray(0, length), expected)).toBe('corrupted');
    }
  });

  it('of another model or request is told apart', () => {
    const bytes = encodeCheckpoint(checkpoint);
    expect(decodeCheckpoint(bytes, { request, model: 'sha256:dd' })).toBe('other_model');
    const others: Partial<RequestFacts>[] = [
      { seed: 8 },
      { width: 96 },
      { height: 128 },
      { steps: 21 },
      { guidanceScale: 4 },
      { solver: 'model' },
      { sigmas: 'karras' },
      { firstBlockCache: 0 },
      { conditioning: ['sha256:aa'] },
      { init: { strength: 0.6, tensors: 'sha256:dd' } },
    ];
    for (const other of others) {
      expect(decodeCheckpoint(bytes, { ...expected, request: { ...request, ...other } })).toBe('other_request');
    }
  });
});

it('a checkpoint of a picture to start from is for that picture, mask and strength alone', () => {
  const init = { strength: 0.6, tensors: 'sha256:dd' };
  const bytes = encodeCheckpoint({ ...checkpoint, request: { ...request, init } });
  const decodeFor = (facts: Partial<RequestFacts>) => decodeCheckpoint(bytes, { ...expected, request: { ...request, ...facts } });
  expect(decodeFor({ init })).toMatchObject({ request: { init } });
  for (const other of [undefined, { ...init, strength: 0.61 }, { ...init, tensors: 'sha256:ee' }]) {
    expect(decodeFor({ init: other })).toBe('other_request');
  }
});

it("a conditioning's digest depends on its content, not on the order of its names", () => {
  const [a, b] = [gaussianNoise(1, [1, 2]), gaussianNoise(2, [1, 2])];
  const digest = tensorsDigest({ a, b });
  expect(tensorsDigest({ b, a })).toBe(digest);
  expect(tensorsDigest({ a: b, b: a })).not.toBe(digest);
  expect(tensorsDigest({ a, b: tensor('float32', [2, 1], b.data) })).not.toBe(digest);
});
