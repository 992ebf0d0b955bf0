import { fileURLToPath } from 'node:url';
import { gaussianNoise, type NamedTensors, type Tensor, tensor } from '@darkroom/tensor';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ModelFolder } from '../model-folder.js';
import { OnnxSession } from './onnx-session.js';

const folder = await ModelFolder.open(fileURLToPath(new URL('../../../../models/pocket', import.meta.url)));
const path = folder.graphPath('transformer');

let one: OnnxSession;
let two: OnnxSession;
beforeAll(async () => {
  one = await OnnxSession.load({ path, threads: 1 });
  two = await OnnxSession.load({ path, threads: 2 });
});
afterAll(() => Promise.all([one.close(), two.close()]));

/** Text tokens and their width, as the text encoder's configuration says. */
const { num_query_tokens: tokens, hidden_size: width } = (await folder.readJson('text_encoder/config.json')) as Record<
  string,
  number
>;

/** A step of several unlike samples, of which the first is always the same. */
function step(batch: number): NamedTensors {
  const stack = (shape: readonly number[]): Tensor => {
    const rows = Array.from({ length: batch }, (_, row) => gaussianNoise(row, shape).data);
    return tensor('float32', [batch, ...shape], Float32Array.from(rows.flatMap((row) => [...row])));
  };
  return {
    hidden_states: stack([16, 8, 8]),
    timestep: tensor(
      'float32',
      [batch],
      Float32Array.from({ length: batch }, (_, row) => 900 - 200 * row),
    ),
    encoder_hidden_states: stack([Number(tokens), Number(width)]),
    pooled_projections: stack([Number(width)]),
  };
}

describe("a sample's bits", () => {
  it('do not depend on what shares its batch, nor on the number of threads', async () => {
    const first = async (session: OnnxSession, batch: number) => {
      const { out_sample: velocities } = (await session.run(step(batch))).outputs as { out_sample: Tensor<'float32'> };
      return velocities.data.subarray(0, 16 * 8 * 8);
    };
    const expected = await first(one, 1);
    expect(expected.every(Number.isFinite)).toBe(true);
    for (const session of [one, two]) {
      for (const batch of [1, 2, 3, 4]) {
        expect(await first(session, batch)).toEqual(expected);
      }
    }
  });
});
