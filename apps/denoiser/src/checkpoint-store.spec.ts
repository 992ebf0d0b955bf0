import { describe, expect, it } from 'vitest';
import { CheckpointWriter } from './checkpoint-store.js';

const bytes = (value: number) => Uint8Array.of(value);

describe('CheckpointWriter', () => {
  it('stores one checkpoint of an image at a time, and of those that wait meanwhile the newest', async () => {
    const stored: string[] = [];
    const gates = Array.from({ length: 3 }, () => Promise.withResolvers<void>());
    let begun = 0;
    const writer = new CheckpointWriter(async (image, checkpoint) => {
      await gates[begun++]?.promise;
      stored.push(`${image}:${checkpoint[0]}`);
    });
    writer.write(0, bytes(1));
    writer.write(0, bytes(2));
    writer.write(0, bytes(3));
    writer.write(1, bytes(9));
    expect(begun).toBe(2);
    for (const { resolve } of gates) resolve();
    await writer.flushed();
    expect(stored.sort()).toEqual(['0:1', '0:3', '1:9']);
  });

  it('is flushed at once when there is nothing to store, and knows that there was nothing', async () => {
    const writer = new CheckpointWriter(() => Promise.reject(new Error('not called')));
    await writer.flushed();
    expect(writer.hasWritten).toBe(false);
  });
});
