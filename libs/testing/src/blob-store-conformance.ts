import { buffer } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

/** The part of service-kit's BlobStore that the suite exercises, written anew so that the kit's specs can use this library. */
export interface BlobStoreUnderTest {
  put(key: string, bytes: Uint8Array, contentType: string): Promise<void>;
  get(key: string): Promise<Uint8Array | undefined>;
  stream(key: string): Promise<NodeJS.ReadableStream | undefined>;
  exists(key: string): Promise<boolean>;
  delete(key: string): Promise<void>;
  missing(): Promise<string | undefined>;
  room(): Promise<{ readonly free: number; readonly all: number } | undefined>;
  close(): Promise<void>;
}

/** A store with what has to be cleaned up after it. */
export interface BlobStoreFixture {
  readonly store: BlobStoreUnderTest;
  dispose(): Promise<void>;
}

const PNG = 'image/png';

/** Describes what every blob store must do; `open` makes a fresh, empty one. */
export function describeBlobStore(name: string, open: () => Promise<BlobStoreFixture>): void {
  describe(`blob store: ${name}`, () => {
    let fixture: BlobStoreFixture;
    let store: BlobStoreUnderTest;
    beforeAll(async () => {
      fixture = await open();
      store = fixture.store;
    });
    afterAll(async () => {
      await store.close();
      await fixture.dispose();
    });

    it('can be used', async () => {
      expect(await store.missing()).toBeUndefined();
    });

    it('tells of its room, where it is bounded', async () => {
      const room = await store.room();
      if (room === undefined) return;
      expect(room.free).toBeGreaterThan(0);
      expect(room.all).toBeGreaterThanOrEqual(room.free);
    });

    it('returns the bytes that were put, whatever they are', async () => {
      const bytes = Uint8Array.from({ length: 70_000 }, (_, index) => index % 256);
      await store.put('generations/gen_1/0.png', bytes, PNG);
      expect(await store.exists('generations/gen_1/0.png')).toBe(true);
      expect(Buffer.from((await store.get('generations/gen_1/0.png')) ?? []).equals(bytes)).toBe(true);
    });

    it('returns them as a stream too', async () => {
      const bytes = Uint8Array.from({ length: 300_000 }, (_, index) => index % 251);
      await store.put('models/pocket/model.onnx', bytes, 'application/octet-stream');
      const stream = await store.stream('models/pocket/model.onnx');
      expect((await buffer(stream as NodeJS.ReadableStream)).equals(bytes)).toBe(true);
      expect(await store.stream('models/absent')).toBeUndefined();
      expect(await store.stream('models/pocket')).toBeUndefined();
      await expect(store.stream('../outside')).rejects.toThrow('a blob key is made of');
    });

    it('keeps an empty blob apart from an absent one', async () => {
      await store.put('empty', new Uint8Array(), 'application/octet-stream');
      expect(await store.exists('empty')).toBe(true);
      expect((await store.get('empty'))?.length).toBe(0);
    });

    it('returns undefined for an absent blob', async () => {
      expect(await store.get('generations/absent/0.png')).toBeUndefined();
      expect(await store.exists('generations/absent/0.png')).toBe(false);
      // Neither a folder of blobs nor what looks like a path below a blob is a blob.
      expect(await store.get('generations')).toBeUndefined();
      expect(await store.exists('generations')).toBe(false);
      expect(await store.get('generations/gen_1/0.png/more')).toBeUndefined();
    });

    it('replaces a blob whole, also when several write it at once', async () => {
      const versions = [1, 2, 3, 4].map((byte) => new Uint8Array(50_000).fill(byte));
      await Promise.all(versions.map((bytes) => store.put('replaced', bytes, PNG)));
      const found = await store.get('replaced');
      expect(new Set(found).size).toBe(1);
      expect(found?.length).toBe(50_000);
    });

    it('deletes, and does not mind when there is nothing to delete', async () => {
      await store.put('deleted', Uint8Array.of(1), PNG);
      await store.delete('deleted');
      await store.delete('deleted');
      expect(await store.exists('deleted')).toBe(false);
    });

    it.each([
      '',
      '/',
      '../secret',
      'a/../../b',
      'a//b',
      '/etc/passwd',
      '.hidden',
      'a/.b',
      'a\\b',
      'a\0b',
      'ä',
      'a/',
      'x'.repeat(600),
    ])('refuses the key %j', async (key) => {
      await expect(store.put(key, Uint8Array.of(1), PNG)).rejects.toMatchObject({ code: 'invalid_argument' });
      await expect(store.get(key)).rejects.toMatchObject({ code: 'invalid_argument' });
      await expect(store.exists(key)).rejects.toMatchObject({ code: 'invalid_argument' });
      await expect(store.delete(key)).rejects.toMatchObject({ code: 'invalid_argument' });
    });
  });
}
