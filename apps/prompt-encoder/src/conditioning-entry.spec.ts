import { createHash } from 'node:crypto';
import { DataType } from '@darkroom/contracts';
import { describe, expect, it } from 'vitest';
import { fromEntryBytes, toEntryBytes } from './conditioning-entry.js';

const entry = {
  conditioning: [
    { name: 'x', tensor: { dataType: DataType.DATA_TYPE_FLOAT32, shape: [1, 2], data: Buffer.from([...Array(8).keys()]) } },
  ],
  tokenCount: 3,
};

describe('an entry of the shared cache', () => {
  const bytes = toEntryBytes('key', entry);

  it('is read as it was written', () => {
    expect(fromEntryBytes('key', bytes)).toEqual(entry);
  });

  it('has the layout that other versions count on', () => {
    const message = bytes.subarray(36);
    expect(bytes.subarray(0, 4).toString()).toBe('DRC1');
    expect(bytes.subarray(4, 36)).toEqual(createHash('sha256').update('key').update(message).digest());
    // Protobuf, written out by hand: conditioning { name: "x", tensor { float32, shape [1, 2], data } }, token_count 3.
    expect(message.toString('hex')).toBe('0a15' + '0a0178' + '1210' + '0801' + '12020102' + '1a080001020304050607' + '1003');
  });

  it('is not read when any of its bytes is another, some are missing, or it is under the key of another', () => {
    for (let index = 0; index < bytes.length; index += 1) {
      const damaged = Buffer.from(bytes);
      damaged[index] = (damaged[index] ?? 0) ^ 1;
      expect(fromEntryBytes('key', damaged)).toBeUndefined();
      expect(fromEntryBytes('key', bytes.subarray(0, index))).toBeUndefined();
    }
    expect(fromEntryBytes('another', bytes)).toBeUndefined();
  });
});
