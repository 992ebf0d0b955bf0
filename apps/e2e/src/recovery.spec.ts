import { readFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { denoising, ended, firstImage, makeImage, state, submit } from './generation.js';
import { TestPlatform } from './platform.js';
import { until } from './processes.js';

let platform: TestPlatform;
afterEach(() => platform.dispose());

const model = 'pocket';

/** Tells what the denoiser that runs now says of itself. */
async function metrics(): Promise<string> {
  const url = platform.record.services.find(({ name }) => name === `denoiser-${model}`)?.httpUrl;
  return await (await fetch(`${url}/metrics`)).text();
}

const denoiserLog = () => readFileSync(path.join(platform.stateDir, `logs/denoiser-${model}.log`), 'utf8').split('\n');

/** Waits until a generation has made so many steps. */
const stepped = (id: string, steps: number) =>
  until(`generation ${id} has made ${steps} steps`, async () => ((await state(platform, id))?.progress?.step ?? 0) >= steps);

describe('a denoiser that is killed in the middle of an image', () => {
  it('costs a few steps: the next one goes on from the checkpoint, the image is the same, and it is charged once', async () => {
    platform = await TestPlatform.start();
    const long = { model, size: '256x256', steps: 60 };
    const undisturbed = await makeImage(platform, long);
    const id = await submit(platform, long);
    await stepped(id, 20);
    await platform.kill(`denoiser-${model}`);
    const generation = await ended(platform, id);
    expect(generation.status).toBe('succeeded');
    expect((await firstImage(platform, generation)).equals(undisturbed.bytes)).toBe(true);
    expect(await platform.usage(id)).toHaveLength(1);
    expect(await metrics()).toMatch(/darkroom_images_resumed_total\{[^}]*result="resumed"[^}]*\} 1/);
  });
});

describe('a generation that kills two denoisers without getting further', () => {
  it('is set aside with its reason, and the others that ran beside it finish', async () => {
    platform = await TestPlatform.start({ environment: { CHECKPOINT_EVERY: '0' } });
    const suspect = await submit(platform, { model, size: '256x256', steps: 100 });
    const bystander = await submit(platform, { model, size: '256x256', steps: 80, seed: 8 });
    await denoising(platform, suspect);
    await denoising(platform, bystander);
    await platform.kill(`denoiser-${model}`);
    // Both are under suspicion and run alone now; when the suspect does, it takes its worker along once more.
    await until('the suspect runs alone', () =>
      denoiserLog().some((line) => line.includes(suspect) && line.includes('runs alone')),
    );
    await platform.kill(`denoiser-${model}`);
    expect((await ended(platform, suspect)).error).toMatchObject({ code: 'worker_lost' });
    expect((await ended(platform, bystander)).status).toBe('succeeded');
    expect(await platform.usage(suspect)).toEqual([]);
    expect(await platform.usage(bystander)).toHaveLength(1);
  });
});
