/** Models put into the models folder, by the real fetcher in a process of its own. */
import { createHash } from 'node:crypto';
import { cp, lstat, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { type TemporaryFolder, temporaryFolder } from '@darkroom/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { bringModel } from './bring-model.js';

const root = path.resolve(import.meta.dirname, '../../..');
const pocket = path.join(root, 'models/pocket');
let folder: TemporaryFolder;
let places: Parameters<typeof bringModel>[0];
const own = (...parts: string[]) => path.join(folder.path, ...parts);
const bring = (from: string, model?: string, digest?: string) => bringModel(places, { from, model, digest });

beforeEach(async () => {
  folder = await temporaryFolder();
  places = {
    root,
    stateDir: own('state'),
    modelsDir: own('models'),
    workingDir: folder.path,
    environment: { PATH: process.env['PATH'], LOG_LEVEL: 'info' },
  };
});
afterEach(() => folder.remove());

describe('a model that is brought', { timeout: 90_000 }, () => {
  it('is checked and lies in the models folder, under the name that it is given', async () => {
    const brought = await bring(pocket, 'pocket-2');
    const digests = await readFile(path.join(pocket, 'digests.json'));
    const digest = `sha256:${createHash('sha256').update(digests).digest('hex')}`;
    expect(brought).toEqual({ name: 'pocket-2', digest, source: pathToFileURL(pocket).href });
    const graph = 'transformer/model.onnx';
    const [copy, original] = await Promise.all(
      [own('models/pocket-2', graph), path.join(pocket, graph)].map((file) => readFile(file)),
    );
    expect(original?.equals(copy as Buffer)).toBe(true);
    await mkdir(own('models/pocket'));
    await expect(bring(pocket)).rejects.toThrow('pocket is another model, which is not replaced');
  });

  it('is only checked where it lies there already', async () => {
    await cp(pocket, own('models/pocket'), { recursive: true });
    expect(await bring('models/pocket')).toMatchObject({ name: 'pocket' });
    expect((await lstat(own('models/pocket'))).isDirectory()).toBe(true);
    await writeFile(own('models/pocket/tokenizer/tokenizer.json'), '{}');
    await expect(bring('models/pocket')).rejects.toThrow(/tokenizer\/tokenizer\.json should be sha256:\w+ but is sha256:\w+/);
  });

  it('is not there when it is damaged, has no digests, or can not be had', async () => {
    await cp(pocket, own('damaged'), { recursive: true });
    await rm(own('damaged/vae_decoder/model.onnx'));
    await expect(bring('damaged')).rejects.toThrow('vae_decoder/model.onnx');
    await expect(bring(folder.path)).rejects.toThrow('has no digests.json');
    await expect(bring('https://models.example/x')).rejects.toThrow('--digest');
    await expect(bring(pocket, '../x')).rejects.toThrow('expected letters, digits');
    await expect(lstat(own('models/damaged'))).rejects.toThrow('ENOENT');
  });
});
