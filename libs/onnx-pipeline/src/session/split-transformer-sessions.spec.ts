import { cp, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gaussianNoise, type Tensor, tensor } from '@darkroom/tensor';
import { describe, expect, it } from 'vitest';
import type { Family, TransformerStep } from '../families/family.js';
import { familyOf } from '../families/registry.js';
import { ModelFolder } from '../model-folder.js';
import { Session } from './session.js';
import { SplitTransformerSessions } from './split-transformer-sessions.js';

const models = fileURLToPath(new URL('../../../../models', import.meta.url));
const pocket = await ModelFolder.open(join(models, 'pocket'));
const family = familyOf(pocket);

/** Unlike samples at unlike timesteps. */
function step(batch: number, height = 8, width = 8): TransformerStep {
  const timesteps = Float32Array.from({ length: batch }, (_, row) => 900 - 200 * row);
  return {
    latents: gaussianNoise(1, [batch, 16, height, width]),
    timesteps: tensor('float32', [batch], timesteps),
    conditioning: {
      encoder_hidden_states: gaussianNoise(2, [batch, 8, 256]),
      pooled_projections: gaussianNoise(3, [batch, 256]),
    },
  };
}

async function throughParts(split: SplitTransformerSessions, each: TransformerStep): Promise<Tensor> {
  const { after } = await split.firstBlock(each);
  const { hidden } = await split.remainingBlocks(each, after);
  return (await split.head(each, hidden)).velocities;
}

describe("a split transformer's parts", () => {
  it.each(['pocket', 'pocket-turbo'])('one after another give what the whole of %s gives', async (name) => {
    const folder = await ModelFolder.open(join(models, name));
    const whole = await Session.load(folder.graphPath('transformer'), { threads: 1 });
    const split = new SplitTransformerSessions(folder, family, { threads: 1 });
    for (const each of [step(1), step(3, 12, 4)]) {
      const { out_sample: expected } = (await whole.run(family.transformerInputs(each))).outputs as { out_sample: Tensor };
      const actual = await throughParts(split, each);
      expect(actual.shape).toEqual(expected.shape);
      const differences = (actual.data as Float32Array).map((value, i) => Math.abs(value - Number(expected.data[i])));
      expect(Math.max(...differences)).toBeLessThan(1e-5);
      expect(await throughParts(split, each)).toEqual(actual);
    }
    await whole.release();
  });

  it('are released when they are idle, and loaded again when they are needed', async () => {
    const split = new SplitTransformerSessions(pocket, family, { threads: 1 }, 50);
    const first = await throughParts(split, step(1));
    expect(split.isOpen).toBe(true);
    await expect.poll(() => split.isOpen).toBe(false);
    expect(await throughParts(split, step(1))).toEqual(first);
  });

  it('are refused where the graph has no such places', async () => {
    const elsewhere: Family = {
      ...family,
      openBlockBoundaries: async () => ({ beforeFirst: 'a', afterFirst: 'b', afterLast: 'c' }),
    };
    const split = new SplitTransformerSessions(pocket, elsewhere, { threads: 1 });
    await expect(split.open()).rejects.toMatchObject({ code: 'invalid_argument', param: 'first_block_cache' });
  });

  it('are not made of another file than the model was opened with', async () => {
    const copy = await mkdtemp(join(tmpdir(), 'split-transformer-'));
    try {
      await cp(pocket.path, copy, { recursive: true });
      const split = new SplitTransformerSessions(await ModelFolder.open(copy), family, { threads: 1 });
      await writeFile(join(copy, 'transformer/model.onnx'), 'another model');
      await expect(split.open()).rejects.toMatchObject({ code: 'model_damaged' });
    } finally {
      await rm(copy, { recursive: true });
    }
  });
});
