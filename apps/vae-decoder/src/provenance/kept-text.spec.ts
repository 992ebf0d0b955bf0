import { readdir, stat } from 'node:fs/promises';
import path from 'node:path';
import { temporaryFolder } from '@darkroom/testing';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { keptText } from './kept-text.js';

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
beforeEach(async () => {
  folder = await temporaryFolder();
});
afterEach(() => folder.remove());

it('makes a text once, also when many ask for it at the same time, and lets nobody else read it', async () => {
  const file = path.join(folder.path, 'provenance', 'secret');
  let made = 0;
  const make = async () => `text ${++made}`;
  const texts = await Promise.all(Array.from({ length: 20 }, () => keptText(file, make)));
  expect(new Set(texts).size).toBe(1);
  expect(await keptText(file, () => expect.fail('it is there'))).toBe(texts[0]);
  expect((await stat(file)).mode & 0o777).toBe(0o600);
  expect((await stat(path.dirname(file))).mode & 0o777).toBe(0o700);
  expect(await readdir(path.dirname(file))).toEqual(['secret']);
});

it('keeps nothing when making it fails', async () => {
  const file = path.join(folder.path, 'secret');
  await expect(keptText(file, () => Promise.reject(new Error('no entropy')))).rejects.toThrow('no entropy');
  expect(await readdir(folder.path)).toEqual([]);
  expect(await keptText(file, () => 'made')).toBe('made');
});
