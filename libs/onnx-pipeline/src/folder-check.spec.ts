import { createHash } from 'node:crypto';
import { cp, mkdtemp, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { checkFolder } from './folder-check.js';
import { ModelFolder } from './model-folder.js';

const pocket = fileURLToPath(new URL('../../../models/pocket', import.meta.url));

describe('a check of a model folder', () => {
  let copy: string;
  let files: readonly string[];

  beforeEach(async () => {
    copy = await mkdtemp(join(tmpdir(), 'checked-model-'));
    await cp(pocket, copy, { recursive: true });
    files = [...(await ModelFolder.open(pocket)).digests.keys()];
  });
  afterEach(() => rm(copy, { recursive: true }));

  it('reads every byte of every file that is listed, and tells how far it is', async () => {
    const sizes = await Promise.all(files.map(async (file) => (await stat(join(copy, file))).size));
    const bytes = sizes.reduce((sum, size) => sum + size, 0);
    const told: number[] = [];
    const result = await checkFolder(copy, {
      onProgress: (progress) => {
        expect(progress.bytes).toBe(bytes);
        told.push(progress.bytesRead);
      },
    });
    const { digest } = await ModelFolder.open(pocket);
    expect(result).toEqual({ digest, files: files.length, bytesRead: bytes, bytes, findings: [] });
    expect(told).toEqual([...told].sort((a, b) => a - b));
    expect(told.at(-1)).toBe(bytes);
    // Weights of more than 4 MiB come in slices.
    expect(told.length).toBeGreaterThan(files.length);
  });

  it('finds what was altered, cut off and removed after the model was loaded', async () => {
    const altered = Buffer.from(await readFile(join(copy, 'transformer/model.onnx')));
    altered[altered.length >> 1] = (altered[altered.length >> 1] as number) ^ 1;
    await writeFile(join(copy, 'transformer/model.onnx'), altered);
    await truncate(join(copy, 'vae_decoder/model.onnx'), 100);
    await rm(join(copy, 'scheduler/scheduler_config.json'));
    const { findings, files: checked } = await checkFolder(copy);
    expect(checked).toBe(files.length);
    const { digests } = await ModelFolder.open(pocket);
    const cut = (await readFile(join(copy, 'vae_decoder/model.onnx'))).subarray(0, 100);
    const found = (file: string, bytes: Uint8Array | undefined) => ({
      file,
      expected: digests.get(file),
      actual: bytes && `sha256:${createHash('sha256').update(bytes).digest('hex')}`,
    });
    expect(findings).toHaveLength(3);
    expect(findings).toEqual(
      expect.arrayContaining([
        found('transformer/model.onnx', altered),
        found('vae_decoder/model.onnx', cut),
        found('scheduler/scheduler_config.json', undefined),
      ]),
    );
  });

  it('says so when there is nothing to compare with, and ends when it is told to', async () => {
    const aborted = new AbortController();
    const ended = checkFolder(copy, { signal: aborted.signal, onProgress: () => aborted.abort() });
    await expect(ended).rejects.toMatchObject({ code: 'cancelled' });
    await rm(join(copy, 'digests.json'));
    await expect(checkFolder(copy)).rejects.toMatchObject({ code: 'model_damaged' });
  });
});
