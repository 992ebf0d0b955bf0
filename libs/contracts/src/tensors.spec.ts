import { tensor } from '@darkroom/tensor';
import { describe, expect, it } from 'vitest';
import { DarkroomError } from './error/darkroom-error.js';
import { DataType, Tensor } from './messages.js';
import { fromNamedTensorMessages, fromTensorMessage, toNamedTensorMessages, toTensorMessage } from './tensors.js';

describe('tensor messages', () => {
  const tensors = {
    states: tensor('float32', [1, 2, 2], Float32Array.of(1, -2.5, 3e-39, Number.POSITIVE_INFINITY)),
    halves: tensor('float16', [3], Uint16Array.of(0x3c00, 0xfbff, 1)),
    ids: tensor('int64', [2, 1], BigInt64Array.of(-1n, 2n ** 62n)),
  };

  it('carry every type there and back through the wire', () => {
    const wired = toNamedTensorMessages(tensors).map(({ name, tensor: message }) => ({
      name,
      tensor: message && Tensor.decode(Tensor.encode(message).finish()),
    }));
    expect(fromNamedTensorMessages(wired)).toEqual(tensors);
  });

  it('come back with bytes of their own', () => {
    const message = toTensorMessage(tensors.states);
    const back = fromTensorMessage(message, 'states');
    message.data.fill(0);
    expect(back).toEqual(tensor('float32', [1, 2, 2], Float32Array.of(1, -2.5, 3e-39, Number.POSITIVE_INFINITY)));
  });

  it('are refused, by name, when absent, of no type, or of the wrong length', () => {
    const bad = [
      undefined,
      { dataType: DataType.DATA_TYPE_UNSPECIFIED, shape: [1], data: Buffer.alloc(4) },
      { dataType: DataType.DATA_TYPE_FLOAT32, shape: [2], data: Buffer.alloc(4) },
    ];
    for (const message of bad) {
      expect(() => fromTensorMessage(message, 'latents')).toThrow(DarkroomError);
      expect(() => fromTensorMessage(message, 'latents')).toThrow(/^latents /);
    }
  });
});
