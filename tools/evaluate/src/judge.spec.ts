import { copyFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { tensor } from '@darkroom/tensor';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { mark } from './alignment.js';
import { readScenes } from './evaluate.js';
import { Judge, judgeFolder, judgeInput, likeliestLabel } from './judge.js';

let judge: Judge;
beforeAll(async () => {
  judge = await Judge.load(1);
});
afterAll(() => judge.close());

describe('Judge', () => {
  it('tells everything about real scenes of every kind', async () => {
    const scenes = await readScenes();
    expect(new Set(scenes.map(({ kind }) => kind))).toEqual(new Set(['background', 'shape', 'pair', 'count']));
    for (const scene of scenes) {
      const seen = await judge.look(scene.picture);
      const { everything } = mark(scene, seen);
      expect({ id: scene.id, seen, everything }).toEqual({ id: scene.id, seen, everything: true });
    }
  });

  it('refuses a picture that is no square of a multiple of its side', async () => {
    await expect(judge.look({ width: 96, height: 96, rgb: new Uint8Array(96 * 96 * 3) })).rejects.toThrow('96x96');
  });

  it('refuses a file that is not what its digest says', async () => {
    const folder = await mkdtemp(path.join(tmpdir(), 'darkroom-judge-'));
    try {
      for (const name of ['digests.json', 'model.onnx']) await copyFile(new URL(name, judgeFolder), path.join(folder, name));
      const config = await readFile(new URL('config.json', judgeFolder), 'utf8');
      await writeFile(path.join(folder, 'config.json'), config.replace('"cat"', '"cow"'));
      await expect(Judge.load(1, pathToFileURL(`${folder}/`))).rejects.toThrow('config.json');
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});

describe('judgeInput', () => {
  it('averages whole squares, planes apart, in [-1, 1]', () => {
    const rgb = new Uint8Array(4 * 4 * 3);
    // The upper left square: red rises from 0 to 255 in halves, green is full, blue empty.
    for (const [x, y, red] of [
      [0, 0, 0],
      [1, 0, 0],
      [0, 1, 255],
      [1, 1, 255],
    ] as const) {
      rgb.set([red, 255, 0], (y * 4 + x) * 3);
    }
    const { shape, data } = judgeInput({ width: 4, height: 4, rgb }, 2);
    expect(shape).toEqual([1, 3, 2, 2]);
    expect([...data]).toEqual([0, -1, -1, -1, 1, -1, -1, -1, -1, -1, -1, -1]);
  });
});

describe('likeliestLabel', () => {
  it('names the class of the highest probability', () => {
    expect(likeliestLabel(tensor('float32', [1, 3], new Float32Array([0.2, 0.7, 0.1])), ['a', 'b', 'c'])).toBe('b');
  });

  it('refuses other classes than it has labels for, and what is no number', () => {
    const probabilities = tensor('float32', [1, 2], new Float32Array([0.5, Number.NaN]));
    expect(() => likeliestLabel(probabilities, ['a', 'b', 'c'])).toThrow(RangeError);
    expect(() => likeliestLabel(probabilities, ['a', 'b'])).toThrow(RangeError);
  });
});
