import { tensor } from '@darkroom/tensor';
import { describe, expect, it } from 'vitest';
import type { Transformer } from '../denoising/step-batch.js';
import { analytic, analyticModel } from './analytic-model.fixture.js';
import { CostModel, trialRows } from './cost-model.js';
import { warmUp } from './warm-up.js';

const sizes = [
  { width: 16, height: 16 },
  { width: 32, height: 16 },
];

describe('warm-up', () => {
  it('measures each size by rows', async () => {
    const costs = new CostModel();
    expect(await warmUp(analyticModel(), costs, sizes)).toBe(true);
    expect(costs.table.map(({ bucket, rows, passMs }) => [bucket, rows, passMs])).toEqual(
      ['2x2x2|1', '2x2x4|1'].flatMap((bucket) => trialRows.map((rows) => [bucket, rows, 1])),
    );
  });

  it('finds out when company changes bits, in any row', async () => {
    // Adds up in another order from the third row on, as a kernel with another tile would.
    const tiled: Transformer = async (step) => {
      const { velocities, kernelMs } = await analytic(step);
      const size = velocities.data.length / step.timesteps.data.length;
      const data = (velocities.data as Float32Array).map((v, i) => (i >= 2 * size ? v * (1 + 2 ** -23) : v));
      return { velocities: tensor('float32', velocities.shape, data), kernelMs };
    };
    expect(await warmUp(analyticModel(tiled), new CostModel(), sizes)).toBe(false);
  });

  it('makes no batch that would take too long', async () => {
    const slow: Transformer = async (step) => ({ ...(await analytic(step)), kernelMs: 400 * step.timesteps.data.length });
    const costs = new CostModel();
    await warmUp(analyticModel(slow), costs, sizes.slice(0, 1));
    expect(costs.table.map(({ rows }) => rows)).toEqual([1]);
  });
});
