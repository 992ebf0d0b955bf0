/** The drivers on the real engine and its real kernels; times are measured here, never asserted. */
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { seededRandom } from '../random.js';
import { none, requestLevel, stepLevel } from './dispatch.js';
import { replay, saturate } from './replay.js';
import { openMaterial, Testbed } from './testbed.js';
import { type Job, mixedJobs } from './workload.js';

const timeout = 120_000;
let bed: Testbed;

beforeAll(async () => {
  const material = await openMaterial(fileURLToPath(new URL('../../../..', import.meta.url)), 2);
  bed = await Testbed.open(material, { batchRows: 8 });
}, timeout);
afterAll(() => bed.close());

const job = (steps: number, seed = 1): Job => ({ seed, steps, side: 64, tenant: '' });

describe('a replay', () => {
  it('serves every arrival, and tells what ended at its deadline', { timeout }, async () => {
    const arrivals = [job(2), job(400), job(3)].map((each, i) => ({ atMs: 5 * i, job: each }));
    const { served } = await replay(arrivals, async (each) => {
      const deadlineMs = each.steps === 400 ? Date.now() + 100 : undefined;
      await bed.make(each, {}, { deadlineMs });
    });
    expect(served.map(({ job: { steps }, isMade }) => [steps, isMade])).toEqual([
      [2, true],
      [400, false],
      [3, true],
    ]);
  });
});

describe('a fixed batch', () => {
  it('keeps the rows of members that have ended, and delivers them at their own last step', { timeout }, async () => {
    const rows: number[] = [];
    const ended: number[] = [];
    // A job resolves before the engine tells of the pass; an answer to a later call comes after it.
    await bed.denoiser.costs();
    const stop = bed.denoiser.onBatch((event) => rows.push(event.rows));
    const submit = requestLevel(() => 8, false).over((each, computed = each.steps) => bed.makeAmong(each, computed));
    const first = submit(job(1));
    await Promise.all([first, ...[6, 2, 4].map((steps) => submit(job(steps)).then(() => ended.push(steps)))]);
    await bed.denoiser.costs();
    stop();
    expect(ended).toEqual([2, 4, 6]);
    expect(rows).toEqual([2, 6, 6, 6, 6, 6, 6]);
  });
});

describe('saturation', () => {
  const window = { outstanding: 16, warmUpMs: 200, windowMs: 1000 };
  const jobs = () => {
    const next = mixedJobs(seededRandom(1));
    return () => ({ ...next(), side: 64 });
  };

  it('has full batches with step-level batching and pairs with none', { timeout }, async () => {
    expect((await saturate(bed, stepLevel, jobs(), window, new Map())).meanRows).toBe(8);
    expect((await saturate(bed, none, jobs(), window, new Map())).meanRows).toBe(2);
  });
});
