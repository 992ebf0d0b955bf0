import { GenerationEvent, type PartialImageEvent, partialImageKey } from '@darkroom/contracts';
import type { StepEvent } from '@darkroom/onnx-pipeline';
import { EventWatcher } from '@darkroom/service-kit/queue';
import { tensor } from '@darkroom/tensor';
import { startRedisServer, temporaryFolder } from '@darkroom/testing';
import { describe, expect, it } from 'vitest';
import {
  blobs,
  digestOf,
  enqueue,
  generate,
  neighbours,
  newJob,
  redisCommands,
  resultOf,
  useDenoiser,
} from './denoiser.fixture.js';
import { PartialImagesOf } from './partial-images.js';

useDenoiser({ startRedisServer, temporaryFolder });

/** Runs a generation and returns what a watcher is told meanwhile. */
async function watched(job: ReturnType<typeof newJob>) {
  const watcher = new EventWatcher(redisCommands);
  const controller = new AbortController();
  const events: GenerationEvent[] = [];
  const watching = (async () => {
    for await (const { event } of watcher.watch(job.id, undefined, controller.signal)) events.push(event);
  })();
  const result = await resultOf(await enqueue(job));
  // What is still on its way from the worker follows at once.
  await new Promise((resolve) => setTimeout(resolve, 300));
  controller.abort();
  await watching;
  watcher.close();
  const pictures = events.map(({ partialImage }) => partialImage).filter((one): one is PartialImageEvent => one !== undefined);
  return { result, events, pictures };
}

describe('a generation that shows its images while they develop', () => {
  it('makes as many pictures as were asked for, of the full size, and the same image in the end', {
    timeout: 60_000,
  }, async () => {
    const wanted = { width: 128, height: 96, steps: 40 };
    const plain = await generate(wanted);
    const job = newJob({ ...wanted, partialImages: 3, moderation: 'low' });
    const { result, events, pictures } = await watched(job);
    expect(digestOf(result)).toBe(digestOf(plain));
    expect(pictures.length).toBeGreaterThan(0);
    expect(pictures.length).toBeLessThanOrEqual(3);
    expect(neighbours.levels.slice(1).length).toBeGreaterThan(1);
    expect(new Set(neighbours.levels.slice(1))).toEqual(new Set(['low']));
    const ofJob = neighbours.contexts.filter((context) => context?.generationId === job.id);
    expect(ofJob.map((context) => context?.stage).toSorted()).toEqual([
      'output_image',
      ...ofJob.slice(1).map(() => 'partial_image'),
    ]);
    expect(pictures[0]).toMatchObject({
      image: 0,
      index: 0,
      step: 8,
      steps: 40,
      width: 128,
      height: 96,
      contentType: 'image/png',
    });
    for (const { index, blobKey } of pictures) {
      expect(blobKey).toBe(partialImageKey(job.id, 0, index, job.format));
      // The fixture's decoder gives the pixels themselves.
      expect((await blobs.get(blobKey))?.length).toBe(128 * 96 * 3);
    }
    expect(events.some(({ progress }) => progress?.stage === 'denoise')).toBe(true);
  });

  it('shows nothing that the moderator refuses, nor anything without a verdict', { timeout: 60_000 }, async () => {
    neighbours.verdict = undefined;
    const job = newJob({ steps: 20, partialImages: 3 });
    const queued = await enqueue(job);
    await expect(resultOf(queued)).rejects.toThrow();
    expect(await blobs.exists(partialImageKey(job.id, 0, 0, job.format))).toBe(false);
  });
});

describe('PartialImagesOf', () => {
  const event = (step: number): StepEvent => ({
    step,
    steps: 8,
    kernelMs: 1,
    paddingMs: 0,
    rows: 1,
    usage: { kernelMs: 1, passes: 1, queueMs: 0 },
    denoised: tensor('float32', [1], new Float32Array(1)),
  });

  it('leaves out what comes while a picture is being made, and the last step', async () => {
    const shown: number[] = [];
    const gate = Promise.withResolvers<void>();
    const images = new PartialImagesOf({ steps: 10, strength: 0, partialImages: 3 }, async ({ step }) => {
      shown.push(step);
      await gate.promise;
    });
    expect(images.every).toBe(2);
    images.at(event(2));
    images.at(event(4));
    gate.resolve();
    await new Promise(setImmediate);
    images.at(event(6));
    images.at(event(8));
    expect(shown).toEqual([2, 6]);
  });

  it('wants none when none are asked for', () => {
    expect(new PartialImagesOf({ steps: 8, strength: 0, partialImages: 0 }, async () => {}).every).toBeUndefined();
  });

  it('spreads them over the steps that an edit makes', () => {
    expect(new PartialImagesOf({ steps: 20, strength: 0.5, partialImages: 3 }, async () => {}).every).toBe(2);
  });

  it.each([
    [1, 6],
    [2, 5],
    [3, 4],
  ])('shows the first of %d by a third of twenty steps', (partialImages, every) => {
    expect(new PartialImagesOf({ steps: 20, strength: 0, partialImages }, async () => {}).every).toBe(every);
  });
});
