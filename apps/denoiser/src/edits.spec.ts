/** Generations that edit a picture. The fixture's VAE takes pixels for files, and a byte for each position of the latents for masks. */
import { createHash } from 'node:crypto';
import {
  checkpointKey,
  editedImageKey,
  editMaskKey,
  type GenerationJob,
  type GenerationProgress,
  type GenerationResult,
  imageKey,
  newGenerationId,
} from '@darkroom/contracts';
import { startRedisServer, temporaryFolder } from '@darkroom/testing';
import { describe, expect, it } from 'vitest';
import {
  blobs,
  digestOf,
  enqueue,
  failure,
  generate,
  neighbours,
  newJob,
  queue,
  resultOf,
  startDenoiser,
  stopDenoiser,
  useDenoiser,
} from './denoiser.fixture.js';

useDenoiser({ startRedisServer, temporaryFolder });

const [width, height] = [128, 128];
/** A red square on grey, which the VAE gives back nearly. */
const picture = Buffer.from(
  Array.from({ length: width * height }, (_, i) => {
    const [x, y] = [i % width, Math.floor(i / width)];
    return x > 30 && x < 90 && y > 30 && y < 90 ? [200, 30, 30] : [120, 120, 120];
  }).flat(),
);
/** Draws the right half of 8x8 positions anew. */
const mask = Buffer.from(Array.from({ length: 64 }, (_, i) => (i % 8 < 4 ? 0 : 1)));

/** A job that edits the picture, whose files lie in the store. */
async function editJob({ masked = false, ...overrides }: Partial<GenerationJob> & { masked?: boolean } = {}) {
  const id = newGenerationId();
  await blobs.put(editedImageKey(id), picture, 'image/png');
  if (masked) await blobs.put(editMaskKey(id), mask, 'image/png');
  const keys = { imageBlobKey: editedImageKey(id), maskBlobKey: masked ? editMaskKey(id) : '' };
  return newJob({ id, width, height, steps: 10, strength: 0.6, ...keys, ...overrides });
}

const edit = async (overrides?: Parameters<typeof editJob>[0]) => await generate(await editJob(overrides));
const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');
/** What was decoded; the fixture's signature follows it in the file. */
const pixelsOf = async ({ images }: GenerationResult) =>
  ((await blobs.get(images[0]?.blobKey ?? '')) as Uint8Array).subarray(0, width * height * 3);

/** Mean difference to the picture over the columns of pixels from one to another, in levels of 255. */
function distance(pixels: Uint8Array, from = 0, to = width): number {
  let sum = 0;
  for (let i = 0; i < pixels.length; i++) {
    const x = Math.floor(i / 3) % width;
    if (x >= from && x < to) sum += Math.abs((pixels[i] as number) - (picture[i] as number));
  }
  return sum / ((to - from) * height * 3);
}

describe('image to image', () => {
  it('stays nearer to the picture the less strength it has, and is charged for the steps that it makes', async () => {
    const [weak, strong] = [await edit({ strength: 0.2 }), await edit({ strength: 0.9 })];
    expect(distance(await pixelsOf(weak))).toBeLessThan(distance(await pixelsOf(strong)));
    expect([weak.evaluations, strong.evaluations]).toEqual([2 * 2, 9 * 2]);
    expect(neighbours.usage.map(({ evaluations }) => evaluations)).toEqual([4, 18]);
    expect(neighbours.kept).toEqual([undefined, undefined]);
  });

  it('comes with a receipt that names picture and strength', async () => {
    const { receipt } = await edit({ strength: 0.3 });
    expect(receipt).toMatchObject({ steps: 10, strength: 0.3, imageSha256: sha256(picture), maskSha256: '' });
    expect((await generate()).receipt).toMatchObject({ strength: 0, imageSha256: '', maskSha256: '' });
  });

  it('at strength 1 is the image that the prompt alone gives', async () => {
    expect(digestOf(await edit({ strength: 1 }))).toBe(digestOf(await generate({ width, height, steps: 10 })));
  });

  it('encodes the picture once for all its images, and gives each the bytes that it has alone', async () => {
    const pair = await edit({ imageCount: 2 });
    expect(neighbours.picturesEncoded).toBe(1);
    expect(digestOf(await edit({ seed: 8 }))).toBe(digestOf(pair, 1));
    expect(digestOf(pair)).not.toBe(digestOf(pair, 1));
  });
});

describe('inpainting', () => {
  it('keeps what the mask keeps, and hands picture and mask to the decoder', async () => {
    const result = await edit({ masked: true, strength: 1, partialImages: 1 });
    const pixels = await pixelsOf(result);
    expect(distance(pixels, 0, 48)).toBeLessThan(distance(pixels, 80, 128));
    // A VAE of 30 dB, and no composite in this fixture.
    expect(distance(pixels, 0, 48)).toBeLessThan(8);
    expect(result.receipt).toMatchObject({ strength: 1, maskSha256: sha256(mask) });
    // The picture of the image that developed, and the image.
    expect(neighbours.kept).toEqual(Array(2).fill({ image: picture, mask }));
  });
});

describe('the files of an edit', () => {
  it('stay beside its images, for a replay that reads them there', async () => {
    const job = await editJob({ masked: true });
    const result = await generate(job);
    const again = await generate({ ...job, id: newGenerationId() });
    expect(digestOf(again)).toBe(digestOf(result));
    expect(await blobs.exists(job.imageBlobKey)).toBe(true);
    expect(await blobs.exists(job.maskBlobKey)).toBe(true);
  });

  it('are deleted when it makes no image, and those of another generation are not', async () => {
    neighbours.refuse('sexual');
    const job = await editJob({ masked: true });
    const replay = { ...job, id: newGenerationId() };
    expect(await failure(replay)).toMatchObject({ code: 'content_policy_violation' });
    expect(await blobs.exists(job.imageBlobKey)).toBe(true);
    expect(await failure(job)).toMatchObject({ code: 'content_policy_violation' });
    expect(await blobs.exists(job.imageBlobKey)).toBe(false);
    expect(await blobs.exists(job.maskBlobKey)).toBe(false);
  });

  it('that are gone or damaged fail it, and nothing is charged', async () => {
    const gone = await editJob();
    await blobs.delete(gone.imageBlobKey);
    expect(await failure(gone)).toMatchObject({ code: 'internal', message: "the generation's stored picture is gone" });
    const damaged = await editJob();
    await blobs.put(damaged.imageBlobKey, picture.subarray(1), 'image/png');
    expect(await failure(damaged)).toMatchObject({ code: 'invalid_argument', param: 'image' });
    expect(neighbours.usage).toEqual([]);
  });
});

describe('an edit that another worker takes up', () => {
  it('goes on from its checkpoint to the same bytes', { timeout: 60_000 }, async () => {
    const large = { masked: true, steps: 100, strength: 0.6 };
    const undisturbed = await edit(large);
    neighbours.usage.length = 0;
    const job = await editJob(large);
    const queued = await enqueue(job);
    const step = async () => ((await queue.getJob(job.id))?.progress as GenerationProgress | undefined)?.step ?? 0;
    await expect.poll(step, { timeout: 20_000, interval: 20 }).toBeGreaterThan(3);
    expect(await queue.getJob(job.id)).toMatchObject({ progress: { steps: 60 } });
    await stopDenoiser();
    expect(await queued.getState()).toBe('waiting');
    expect(await blobs.exists(checkpointKey(job.id, 0))).toBe(true);
    await startDenoiser();
    const result = await resultOf(queued);
    expect(digestOf(result)).toBe(digestOf(undisturbed));
    expect(await blobs.exists(imageKey(job.id, 0, job.format))).toBe(true);
    expect(neighbours.usage).toMatchObject([{ generationId: job.id, evaluations: 60 * 2, outcome: 'succeeded' }]);
  });
});
