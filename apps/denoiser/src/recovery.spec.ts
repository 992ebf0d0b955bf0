import {
  checkpointKey,
  decodeGenerationJob,
  fromQueue,
  type GenerationJob,
  type GenerationProgress,
  imageKey,
} from '@darkroom/contracts';
import { openDeadLetters, openGenerationWorker, requestCancellation, WEBHOOK_EVENTS } from '@darkroom/service-kit/queue';
import { startRedisServer, temporaryFolder } from '@darkroom/testing';
import { describe, expect, it, vi } from 'vitest';
import { Attempts } from './attempts.js';
import {
  blobs,
  digestOf,
  enqueue,
  failure,
  failureOf,
  generate,
  isTold,
  metrics,
  neighbours,
  newJob,
  queue,
  redisCommands,
  redisUrl,
  resultOf,
  silent,
  startDenoiser,
  stopDenoiser,
  useDenoiser,
} from './denoiser.fixture.js';

useDenoiser({ startRedisServer, temporaryFolder });

/** Waits until a job has made some steps. */
async function midway(job: GenerationJob, steps = 3): Promise<void> {
  const step = async () => ((await queue.getJob(job.id))?.progress as GenerationProgress | undefined)?.step ?? 0;
  await expect.poll(step, { timeout: 20_000, interval: 20 }).toBeGreaterThan(steps);
}

const long = { width: 256, height: 256, steps: 60 };

describe('a service that is told to stop', () => {
  it('hands its job on within a step; the next one goes on from there, makes the same bytes, and charges once', {
    timeout: 60_000,
  }, async () => {
    const undisturbed = await generate({ ...long, imageCount: 2 });
    neighbours.usage.length = 0;

    const job = newJob({ ...long, imageCount: 2 });
    const queued = await enqueue(job);
    await midway(job);
    await stopDenoiser();
    expect(await queued.getState()).toMatch(/^(waiting|prioritized)$/);
    expect(await isTold(job)).toBe(false);
    expect(await blobs.exists(checkpointKey(job.id, 0))).toBe(true);

    await startDenoiser();
    const result = await resultOf(queued);
    expect(result.images.map(({ sha256 }) => sha256)).toEqual(undisturbed.images.map(({ sha256 }) => sha256));
    expect(result.evaluations).toBe(undisturbed.evaluations);
    expect(neighbours.usage).toMatchObject([{ generationId: job.id, evaluations: 60 * 2 * 2, outcome: 'succeeded' }]);
    expect(await metrics()).toMatch(/darkroom_images_resumed_total\{[^}]*result="resumed"[^}]*\} 2/);
    expect(await blobs.exists(checkpointKey(job.id, 0))).toBe(false);
  });

  it('hands a damaged checkpoint on to one that starts anew, and makes the same bytes', { timeout: 60_000 }, async () => {
    const undisturbed = await generate(long);
    const job = newJob(long);
    const queued = await enqueue(job);
    await midway(job);
    await stopDenoiser();
    await blobs.put(checkpointKey(job.id, 0), Buffer.from('no checkpoint'), 'application/octet-stream');

    await startDenoiser();
    const result = await resultOf(queued);
    expect(digestOf(result)).toBe(digestOf(undisturbed));
    expect(result.evaluations).toBe(undisturbed.evaluations);
    expect(await metrics()).toMatch(/darkroom_images_resumed_total\{[^}]*result="corrupted"[^}]*\} 1/);
  });
});

describe('a generation that is wanted no more', () => {
  it('ends within a step when it is cancelled, and is charged for what it used', async () => {
    const job = newJob({ ...long, steps: 100 });
    const failed = failure(job);
    await midway(job, 10);
    await requestCancellation(redisCommands, job.id);
    expect(await failed).toMatchObject({ code: 'cancelled' });
    expect(neighbours.usage).toMatchObject([{ generationId: job.id, outcome: 'cancelled', imageCount: 1 }]);
    expect(neighbours.usage[0]?.evaluations).toBeGreaterThanOrEqual(20);
    expect(neighbours.usage[0]?.evaluations).toBeLessThan(200);
    expect(neighbours.usage[0]?.kernelMs).toBeGreaterThan(0);
    expect(await isTold(job)).toBe(true);
    expect(await blobs.exists(checkpointKey(job.id, 0))).toBe(false);
    expect(await blobs.exists(imageKey(job.id, 0, job.format))).toBe(false);
  });

  it('is dropped untouched when it was cancelled in the queue', async () => {
    const job = newJob(long);
    await requestCancellation(redisCommands, job.id);
    expect(await failure(job)).toMatchObject({ code: 'cancelled' });
    expect(await isTold(job)).toBe(true);
    expect(neighbours.usage).toEqual([]);
  });

  it('ends when its deadline passes, before or while it runs', async () => {
    expect(await failure(newJob({ deadlineAtMs: Date.now() - 1 }))).toMatchObject({ code: 'deadline_exceeded' });
    expect(neighbours.usage).toEqual([]);
    const job = newJob({ ...long, steps: 100, deadlineAtMs: Date.now() + 700 });
    expect(await failure(job)).toMatchObject({ code: 'deadline_exceeded' });
    expect(await isTold(job)).toBe(true);
    expect(neighbours.usage).toMatchObject([{ generationId: job.id, outcome: 'deadline_exceeded' }]);
  });

  it('does not touch the one beside it', async () => {
    const [unwanted, wanted] = [newJob({ ...long, steps: 100 }), newJob(long)];
    const alone = digestOf(await generate(long));
    const [cancelled, queued] = [failure(unwanted), await enqueue(wanted)];
    await midway(unwanted);
    await requestCancellation(redisCommands, unwanted.id);
    await cancelled;
    expect(digestOf(await resultOf(queued))).toBe(alone);
  });
});

describe('a generation whose end can not be told', () => {
  it.each(['succeeded', 'cancelled'])('is not ended before it can: %s', { timeout: 60_000 }, async (outcome) => {
    // BullMQ counts jobs here, and can add none to that queue when it can't.
    await redisCommands.set(`bull:${WEBHOOK_EVENTS}:id`, 'no number');
    const lost = async () => Number(/darkroom_jobs_total\{[^}]*outcome="lost"[^}]*\} (\d+)/.exec(await metrics())?.[1] ?? 0);
    const before = await lost();
    const job = newJob();
    if (outcome === 'cancelled') await requestCancellation(redisCommands, job.id);
    const queued = await enqueue(job);
    await expect.poll(lost).toBe(before + 1);
    expect(await queued.getState()).toBe('active');
    expect(await isTold(job)).toBe(false);
    await redisCommands.del(`bull:${WEBHOOK_EVENTS}:id`);
    if (outcome === 'cancelled') expect(await failureOf(queued)).toMatchObject({ code: 'cancelled' });
    else expect((await resultOf(queued)).images).toHaveLength(1);
    expect(await isTold(job)).toBe(true);
    const charges = new Set(neighbours.usage.map((usage) => `${usage.generationId} ${usage.outcome}`));
    expect([...charges]).toEqual(outcome === 'cancelled' ? [] : [`${job.id} succeeded`]);
  });
});

describe("a generation that ends its worker's process", () => {
  /** Takes a job as a worker does that dies in the middle of it: it says that it runs it, and then nothing more. */
  async function dieOf(job: GenerationJob): Promise<void> {
    const taken = Promise.withResolvers<void>();
    const doomed = openGenerationWorker(
      'pocket',
      redisUrl,
      silent,
      async () => {
        const attempts = new Attempts(redisCommands);
        await attempts.deaths(job.id, 0);
        await attempts.begin(job.id, 'doomed');
        taken.resolve();
        return await new Promise(() => {});
      },
      { lockDuration: 200, stalledInterval: 100, skipLockRenewal: true },
    );
    await taken.promise;
    await doomed.close(true);
  }

  it('is tried again once, and then set aside with its reason where an operator finds it', { timeout: 60_000 }, async () => {
    await stopDenoiser();
    const job = newJob();
    const queued = await enqueue(job);
    await dieOf(job);
    await dieOf(job);
    await startDenoiser();
    expect(await failureOf(queued)).toMatchObject({ code: 'worker_lost' });
    const letters = openDeadLetters('pocket', redisUrl, silent);
    await vi.waitFor(() => letters.count(), { timeout: 20_000 });
    const letter = await letters.getJob(job.id);
    expect(decodeGenerationJob(letter?.data).id).toBe(job.id);
    expect(fromQueue(letter?.data.reason)).toMatchObject({ code: 'worker_lost' });
    await letters.close();
    expect(await isTold(job)).toBe(true);
    expect(neighbours.usage).toEqual([]);
  });

  it('is finished when the second worker lives, alone', { timeout: 60_000 }, async () => {
    await stopDenoiser();
    const job = newJob();
    const queued = await enqueue(job);
    await dieOf(job);
    await startDenoiser();
    const others = Promise.all([generate({ seed: 1 }), generate({ seed: 2 })]);
    expect((await resultOf(queued)).images).toHaveLength(1);
    await others;
  });
});
