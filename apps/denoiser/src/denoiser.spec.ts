import { createHash } from 'node:crypto';
import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  type GenerationJob,
  type GenerationProgress,
  type GenerationResult,
  ImageFormat,
  imageKey,
  newGenerationId,
  promptKey,
  resultKey,
} from '@darkroom/contracts';
import { markPayload, type PictureReceipt } from '@darkroom/provenance';
import { GENERATION_JOB } from '@darkroom/service-kit/queue';
import { startRedisServer, temporaryFolder } from '@darkroom/testing';
import { describe, expect, it } from 'vitest';
import {
  blobs,
  digestOf,
  enqueue,
  events,
  failure,
  folder,
  generate,
  isTold,
  metrics,
  neighbours,
  newJob,
  queue,
  redisCommands,
  resultOf,
  useDenoiser,
} from './denoiser.fixture.js';

useDenoiser({ startRedisServer, temporaryFolder });

describe('a generation', () => {
  it('is encoded, denoised, decoded, moderated, stored, and entered into the ledger', async () => {
    const job = newJob();
    const result = await generate(job);

    const [image] = result.images;
    const bytes = await blobs.get(imageKey(job.id, 0, job.format));
    expect(image).toMatchObject({
      index: 0,
      seed: 7,
      blobKey: imageKey(job.id, 0, job.format),
      contentType: 'image/png',
      width: 96,
      height: 64,
    });
    // What is stored is signed; the digest is of what was decoded.
    const decoded = bytes?.subarray(0, 96 * 64 * 3) ?? '';
    expect(Buffer.from(bytes ?? []).toString('latin1', decoded.length)).toBe('signed 1');
    expect(createHash('sha256').update(decoded).digest('hex')).toBe(image?.sha256);
    expect(await blobs.exists(resultKey(job.id))).toBe(true);
    expect(await isTold(job)).toBe(true);
    expect(neighbours.usage).toMatchObject([
      {
        generationId: job.id,
        tenantId: 'ten_1',
        keyId: 'key_1',
        model: 'pocket',
        imageCount: 1,
        width: 96,
        height: 64,
        steps: 3,
        guidancePasses: 2,
      },
    ]);
  });

  it('is signed with what it was made from, which its mark stands for, and never with its prompt', async () => {
    const job = newJob({ imageCount: 2, prompt: 'a secret apple' });
    const { receipt: whole } = await generate(job);
    const receipts = neighbours.signed
      .map(({ receiptJson }) => JSON.parse(receiptJson) as PictureReceipt)
      .toSorted((a, b) => a.seed - b.seed);
    expect(receipts).toEqual(
      [7, 8].map((seed) => ({
        model: 'pocket',
        model_digest: whole?.modelDigest,
        scheduler: whole?.scheduler,
        shift: whole?.shift,
        steps: 3,
        guidance_scale: 4,
        seed,
        width: 96,
        height: 64,
        versions: whole?.versions,
      })),
    );
    expect(new Set(neighbours.marks)).toEqual(new Set(receipts.map(markPayload)));
    expect(JSON.stringify(receipts)).not.toContain('secret');
  });

  it('is the same image when it is made again, whatever its file is signed with', async () => {
    const [first, again] = [await generate(), await generate()];
    expect(digestOf(again)).toBe(digestOf(first));
    const files = await Promise.all([first, again].map(async ({ images }) => await blobs.get(images[0]?.blobKey ?? '')));
    expect(files[1]).not.toEqual(files[0]);
  });

  it('is not stored while it can not be signed, and finishes when it can', async () => {
    neighbours.canSign = false;
    const job = newJob();
    const queued = await enqueue(job);
    await expect.poll(() => neighbours.levels.length).toBe(1);
    await new Promise((resolve) => setTimeout(resolve, 500));
    expect(await blobs.exists(imageKey(job.id, 0, job.format))).toBe(false);
    neighbours.canSign = true;
    expect((await resultOf(queued)).images).toHaveLength(1);
    expect(neighbours.signed).toHaveLength(1);
  });

  it('comes with a receipt that names the tiles of a large image', async () => {
    const { receipt } = await generate({ width: 512, height: 64, steps: 1 });
    expect(receipt?.versions).toMatchObject({ 'vae-tile': '256x64/128' });
    expect((await generate()).receipt?.versions).not.toHaveProperty('vae-tile');
  });

  it('comes with a receipt that says how to make it again, and where its time went', async () => {
    const start = performance.now();
    const { receipt } = await generate({ seed: 11, guidanceScale: 2.5 });
    const elapsedMs = performance.now() - start;
    expect(receipt).toMatchObject({
      model: 'pocket',
      modelDigest: expect.stringMatching(/^sha256:[0-9a-f]{64}$/),
      scheduler: 'FlowMatchEulerDiscreteScheduler',
      steps: 3,
      guidanceScale: 2.5,
      seed: 11,
      versions: { 'onnxruntime-node': expect.stringMatching(/^\d+\.\d+/) },
    });
    const timings = receipt?.timings ?? [];
    expect(timings.map(({ stage }) => stage)).toEqual(['queue', 'encode', 'denoise', 'decode', 'moderate', 'store']);
    for (const { totalMs, kernelMs } of timings) {
      expect(totalMs).toBeGreaterThanOrEqual(kernelMs);
    }
    expect(timings.filter(({ kernelMs }) => kernelMs > 0).map(({ stage }) => stage)).toEqual([
      'encode',
      'denoise',
      'decode',
      'moderate',
    ]);
    expect(timings.reduce((sum, { totalMs }) => sum + totalMs, 0)).toBeLessThan(elapsedMs);
  });

  it('counts the tokens of what the model read and made', async () => {
    // 96×64 pixels are 3×2 patches of 32 pixels a side.
    const alone = await generate({ prompt: 'a red apple', imageCount: 2 });
    expect(alone.tokens).toMatchObject({ inputImage: 0, outputImage: 12 });
    const text = alone.tokens?.text ?? 0;
    expect(text).toBe(await neighbours.countTokens('a red apple'));
    const both = { prompt: 'a red apple', negativePrompt: 'a blurred picture' };
    expect((await generate(both)).tokens?.text).toBe(text + (await neighbours.countTokens('a blurred picture')));
    // Without guidance nobody reads it.
    expect((await generate({ ...both, guidanceScale: 1 })).tokens?.text).toBe(text);
  });

  it('passes on how coarsely its images are to be written, and says so in the receipt', async () => {
    const { receipt } = await generate({ format: ImageFormat.IMAGE_FORMAT_WEBP, outputCompression: 30 });
    expect(neighbours.qualities).toEqual([30]);
    expect(receipt?.outputCompression).toBe(30);
  });

  it('has its images judged as strictly as was asked and by the policy of its prompts, and says whose they are', async () => {
    const job = newJob({ moderation: 'low', imageCount: 2, policyDigest: 'sha256:own' });
    await generate(job);
    await generate({ moderation: 'auto' });
    expect(neighbours.levels).toEqual(['low', 'low', 'auto']);
    const { id: generationId, tenantId, keyId, policyDigest } = job;
    const judgedFor = { generationId, tenantId, keyId, policyDigest, stage: 'output_image' };
    const images = neighbours.contexts.slice(0, 2).toSorted((one, other) => (one?.image ?? 0) - (other?.image ?? 0));
    expect(images).toEqual([
      { ...judgedFor, image: 0 },
      { ...judgedFor, image: 1 },
    ]);
  });

  it('is the same for the same seed and another for another; image i has seed + i', async () => {
    const pair = await generate({ seed: 7, imageCount: 2 });
    expect(digestOf(await generate({ seed: 7 }))).toBe(digestOf(pair));
    expect(digestOf(await generate({ seed: 8 }))).toBe(digestOf(pair, 1));
    expect(digestOf(pair)).not.toBe(digestOf(pair, 1));
    expect(pair.images.map(({ seed }) => seed)).toEqual([7, 8]);
  });

  it('gives the same bytes in the company of others, with which it shares its steps', { timeout: 60_000 }, async () => {
    const company: Partial<GenerationJob>[] = [
      { seed: 1, steps: 5 },
      { seed: 2, steps: 8, tenantId: 'ten_2' },
      { seed: 3, steps: 7, guidanceScale: 1 },
      { seed: 4, steps: 4, width: 64 },
    ];
    const together = await Promise.all(company.map(generate));
    for (const [index, each] of company.entries()) {
      expect(digestOf(await generate(each))).toBe(digestOf(together[index] as GenerationResult));
    }
  });

  it('with first-block caching is another, which its receipt says', async () => {
    const cached = await generate({ steps: 6, firstBlockCacheThreshold: 10 });
    expect(cached.receipt?.firstBlockCacheThreshold).toBe(10);
    expect(digestOf(cached)).not.toBe(digestOf(await generate({ steps: 6 })));
    expect(digestOf(await generate({ steps: 6, firstBlockCacheThreshold: 10 }))).toBe(digestOf(cached));
  });

  it('tells its progress', async () => {
    const seen: GenerationProgress[] = [];
    const listen = ({ data }: { data: unknown }) => seen.push(data as GenerationProgress);
    events.on('progress', listen);
    await generate({ width: 256, height: 256, steps: 20 });
    events.off('progress', listen);
    expect(seen[0]).toMatchObject({ stage: 'encode', step: 0, steps: 20, image: 0, images: 1 });
    expect(seen.some(({ stage, step }) => stage === 'denoise' && step > 0)).toBe(true);
  });

  it('reads a long prompt from the blob store, and keeps it for a day after it has succeeded', async () => {
    const job = newJob();
    await blobs.put(promptKey(job.id), Buffer.from('a red apple'), 'text/plain');
    const result = await generate({ ...job, prompt: '', promptBlobKey: promptKey(job.id) });
    expect(digestOf(result)).toBe(digestOf(await generate()));
    expect(await blobs.exists(promptKey(job.id))).toBe(true);
    // A day later, as the next generation ends.
    await redisCommands.zadd('darkroom:expiring-blobs', 'XX', Date.now() - 1, promptKey(job.id));
    await generate();
    expect(await blobs.exists(promptKey(job.id))).toBe(false);
  });

  it('keeps no long prompt of a generation that failed', async () => {
    neighbours.refuse('sexual');
    const job = newJob();
    await blobs.put(promptKey(job.id), Buffer.from('a red apple'), 'text/plain');
    await failure({ ...job, prompt: '', promptBlobKey: promptKey(job.id) });
    expect(await blobs.exists(promptKey(job.id))).toBe(false);
  });

  it('is made again by the same model alone, which is looked at before anything is spent', async () => {
    const first = await generate();
    const replay = { generationId: first.id, modelDigest: first.receipt?.modelDigest ?? '', imageSha256: [] };
    expect(digestOf(await generate({ replay }))).toBe(digestOf(first));
    neighbours.usage.length = 0;
    const job = newJob({ replay: { ...replay, modelDigest: 'sha256:another' } });
    expect(await failure(job)).toMatchObject({ code: 'conflict' });
    expect(neighbours.usage).toEqual([]);
  });
});

describe('a picture that is refused', () => {
  it('fails the generation with its category, and nothing is stored or charged', async () => {
    neighbours.refuse('sexual');
    const job = newJob({ imageCount: 2 });
    expect(await failure(job)).toMatchObject({
      code: 'content_policy_violation',
      category: 'sexual',
      decisionId: 'dec_spec',
    });
    expect(await isTold(job)).toBe(true);
    expect(await blobs.exists(imageKey(job.id, 0, job.format))).toBe(false);
    expect(await blobs.exists(resultKey(job.id))).toBe(false);
    expect(neighbours.usage).toEqual([]);
  });

  it('ends the generation at once, though it waits to be signed', async () => {
    neighbours.refuse('sexual');
    neighbours.canSign = false;
    const job = newJob();
    expect(await failure(job)).toMatchObject({ code: 'content_policy_violation' });
    expect(await blobs.exists(imageKey(job.id, 0, job.format))).toBe(false);
  });

  it('is what a picture without a verdict is treated as: it is not delivered', async () => {
    neighbours.verdict = undefined;
    const job = newJob();
    expect(await failure(job)).toMatchObject({ code: 'internal' });
    expect(await blobs.exists(imageKey(job.id, 0, job.format))).toBe(false);
  });
});

describe('a neighbour that is away', () => {
  it.each([
    ['decoder', 'decode'],
    ['moderator', 'moderate'],
    ['controlPlane', 'store'],
  ] as const)('is waited for after the steps are made, and that is counted: %s', async (name, stage) => {
    const waits = async () => {
      const [, count = '0'] =
        new RegExp(`darkroom_stage_waits_total\\{[^}]*stage="${stage}"[^}]*\\} (\\d+)`).exec(await metrics()) ?? [];
      return Number(count);
    };
    const before = await waits();
    neighbours.takeAway(name);
    const job = newJob();
    const queued = await enqueue(job);
    await expect.poll(waits).toBeGreaterThan(before);
    expect(await queued.getState()).toBe('active');
    await neighbours.bringBack(name);
    expect(digestOf(await resultOf(queued))).toBeDefined();
    expect(neighbours.usage).toHaveLength(1);
  });

  it('is waited for where it is the blob store, too', async () => {
    const place = join(folder.path, 'blobs', 'generations');
    await mkdir(place, { recursive: true });
    await rename(place, `${place}-away`);
    // Where a file lies, nothing can be stored below.
    await writeFile(place, '');
    const queued = await enqueue(newJob());
    const failures = /darkroom_blob_store_failures_total\{[^}]*operation="put"[^}]*\} [1-9]/;
    await expect.poll(metrics).toMatch(failures);
    expect(await queued.getState()).toBe('active');
    await rm(place);
    await rename(`${place}-away`, place);
    expect(digestOf(await resultOf(queued))).toBeDefined();
  });

  it('sends the job back to wait before they are made, which is no failure', async () => {
    neighbours.takeAway('encoder');
    const queued = await enqueue(newJob());
    await expect.poll(() => queued.getState()).toBe('delayed');
    await neighbours.bringBack('encoder');
    expect(digestOf(await resultOf(queued))).toBeDefined();
  });

  it('fails a job that has waited for 15 minutes', async () => {
    neighbours.takeAway('encoder');
    expect(await failure(newJob(), { timestamp: Date.now() - 16 * 60_000 })).toMatchObject({
      code: 'unavailable',
      message: 'prompt-encoder is not reachable',
    });
  });
});

describe('a job that is run again', () => {
  it('returns what was stored before, without new steps, and its usage is entered', async () => {
    const job = newJob({ imageCount: 1 });
    const first = await generate(job);
    await (await queue.getJob(job.id))?.remove();
    neighbours.takeAway('encoder');
    neighbours.takeAway('decoder');
    expect(await generate(job)).toEqual(first);
    expect(neighbours.usage.map(({ generationId }) => generationId)).toEqual([job.id, job.id]);
  });

  it('is refused when it is no job of ours', async () => {
    const queued = await queue.add(GENERATION_JOB, { payload: 'AAAA' }, { jobId: newGenerationId() });
    await expect(queued.waitUntilFinished(events, 10_000)).rejects.toThrow(/the queue holds something that is no GenerationJob/);
  });
});

describe('the service', () => {
  it('publishes how its jobs ended, where time went, and how free its event loop was', async () => {
    await generate({ width: 256, height: 256, steps: 10 });
    const text = await metrics();
    expect(text).toMatch(/darkroom_jobs_total\{[^}]*outcome="succeeded"[^}]*\} [1-9]/);
    expect(text).toMatch(/darkroom_stage_seconds_count\{[^}]*stage="denoise"[^}]*\} [1-9]/);
    expect(text).toMatch(/darkroom_step_kernel_seconds_count\{[^}]*\} [1-9]/);
    expect(text).toMatch(/darkroom_event_loop_delay_seconds\{[^}]*quantile="0.99"[^}]*\} [0-9.e-]+/);
  });
});
