import { createHash } from 'node:crypto';
import { cp, readFile, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { deviceSeconds } from '@darkroom/contracts';
import { noteDrain, noteFileCheck, readWorkers } from '@darkroom/service-kit/queue';
import { startRedisServer, temporaryFolder } from '@darkroom/testing';
import { describe, expect, it } from 'vitest';
import {
  enqueue,
  folder,
  generate,
  newJob,
  queue,
  redisCommands,
  resultOf,
  startAnother,
  startDenoiser,
  stopDenoiser,
  useDenoiser,
} from './denoiser.fixture.js';
import { modelsDir } from './neighbours.fixture.js';

useDenoiser({ startRedisServer, temporaryFolder });

const workers = () => readWorkers(redisCommands, 'pocket');

describe('the report of a worker', () => {
  it('tells what passes took, and how many generations it takes', async () => {
    await expect.poll(async () => (await workers()).alive.length).toBe(1);
    const { alive, passTimes } = await workers();
    expect(alive[0]).toMatchObject({ concurrency: 16, running: 0, loads: [] });
    expect(passTimes.length).toBeGreaterThan(0);
    expect(passTimes.every(({ pixels, rows, ms }) => pixels === 64 * 64 && rows >= 1 && ms > 0)).toBe(true);
  });

  it('tells what is left of a generation, less and less', { timeout: 60_000 }, async () => {
    const job = newJob({ steps: 100, width: 256, height: 256, imageCount: 4 });
    const queued = await enqueue(job);
    const [worker] = (await workers()).alive;
    const left: number[] = [];
    await expect
      .poll(
        async () => {
          const [report] = (await workers()).alive;
          const [load] = report?.loads ?? [];
          if (report !== undefined && load !== undefined && load.remainingSeconds > 0) {
            expect(load).toMatchObject({ tenantId: job.tenantId, generationId: job.id });
            left.push(load.remainingSeconds / deviceSeconds(job, report.passTimes));
          }
          return new Set(left).size;
        },
        { timeout: 30_000 },
      )
      .toBeGreaterThanOrEqual(2);
    await resultOf(queued);
    // The job names its worker as the reports do.
    expect((await queue.getJob(job.id))?.processedBy).toBe(worker?.workerId);
    expect(left.at(-1)).toBeLessThan(left[0] as number);
    expect(left[0]).toBeLessThanOrEqual(1 + 1e-9);
    await expect.poll(async () => (await workers()).alive[0]?.running).toBe(0);
  });

  it('tells how long the other stages are', async () => {
    await generate();
    await expect.poll(async () => (await workers()).alive[0]?.otherSeconds).toBeGreaterThan(0);
  });

  it('is withdrawn when it stops; its measurements stay', { timeout: 60_000 }, async () => {
    const { passTimes } = await workers();
    await stopDenoiser();
    expect((await workers()).alive).toEqual([]);
    expect((await workers()).passTimes.length).toBe(passTimes.length);
    await startDenoiser();
  });
});

describe('a generation that is put back', () => {
  it('comes before those that have a place in the fair queue', { timeout: 60_000 }, async () => {
    const job = newJob({ steps: 100, width: 256, height: 256 });
    const queued = await enqueue(job, { priority: 500 });
    await expect.poll(() => queued.isActive()).toBe(true);
    await stopDenoiser();
    expect(await queued.getState()).toBe('waiting');
    expect((await queue.getJob(job.id))?.priority).toBe(0);
    await startDenoiser();
    await resultOf(queued);
  });
});

describe('a worker that is drained', () => {
  const only = async () => (await workers()).alive[0];
  const drained = async (workerId: string) => (await workers()).alive.find((one) => one.workerId === workerId)?.drained;

  it('hands its job on by its checkpoint, takes none, and lives; resumed, it takes jobs again', { timeout: 60_000 }, async () => {
    await expect.poll(async () => (await only())?.identity?.host).toBe(hostname());
    const report = await only();
    const workerId = report?.workerId ?? '';
    expect(report?.identity).toMatchObject({ modelDigest: expect.stringMatching(/^sha256:/), provider: 'cpu' });
    const job = newJob({ steps: 60, width: 256, height: 256 });
    const queued = await enqueue(job);
    await expect.poll(async () => (await only())?.loads[0]?.stepsMade, { timeout: 20_000, interval: 20 }).toBeGreaterThan(1);
    expect((await only())?.batchOccupancy).toBeGreaterThan(0);
    await noteDrain(redisCommands, 'pocket', workerId, true);
    await expect.poll(() => queued.getState(), { timeout: 20_000, interval: 20 }).toBe('waiting');
    await expect.poll(() => drained(workerId)).toBe(true);
    expect(await queued.getState()).toBe('waiting');

    const another = await startAnother();
    const { receipt, evaluations } = await resultOf(queued);
    expect(receipt?.steps).toBe(60);
    // Steps that were made are not made again, and all are charged once.
    expect(evaluations).toBe(120);
    const made = await (await fetch(`http://127.0.0.1:${another.httpPort}/metrics`)).text();
    expect(made.match(/^darkroom_images_resumed_total.*$/gm)).toEqual([expect.stringMatching(/result="resumed".* 1$/)]);
    await another.stop();

    await noteDrain(redisCommands, 'pocket', workerId, false);
    await generate({ steps: 2 });
    await expect.poll(() => drained(workerId)).toBe(false);
  });
});

describe('a worker that is asked to check its files', () => {
  it('reads them again and tells what has changed since, and goes on making pictures', { timeout: 120_000 }, async () => {
    const models = join(folder.path, 'models');
    await cp(join(modelsDir, 'pocket'), join(models, 'pocket'), { recursive: true });
    await stopDenoiser();
    await startDenoiser({ MODELS_DIR: models });
    const worker = async () => (await workers()).alive[0];
    await expect.poll(async () => (await worker())?.workerId, { timeout: 20_000 }).toBeDefined();
    const { workerId = '', identity } = (await worker()) ?? {};
    const check = async (id: string) => {
      await noteFileCheck(redisCommands, 'pocket', { id, by: 'ann', atMs: Date.now(), workerIds: [workerId] });
      const ended = async () => {
        const report = (await worker())?.fileCheck;
        return report?.id === id && report.ended ? report : undefined;
      };
      await expect.poll(ended, { timeout: 40_000 }).toBeDefined();
      return await ended();
    };
    const { files } = JSON.parse(await readFile(join(models, 'pocket/digests.json'), 'utf8')) as {
      files: Record<string, string>;
    };
    expect(await check('first')).toMatchObject({
      problem: '',
      digest: identity?.modelDigest,
      files: Object.keys(files).length,
      different: 0,
      differences: [],
    });

    const graph = join(models, 'pocket/vae_encoder/model.onnx');
    const bytes = await readFile(graph);
    bytes[100] = (bytes[100] as number) ^ 1;
    await writeFile(graph, bytes);
    const file = 'vae_encoder/model.onnx';
    const actual = `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
    const [found] = await Promise.all([check('second'), generate({ steps: 2 })]);
    expect(found).toMatchObject({ different: 1, differences: [{ file, expected: files[file], actual }] });

    await writeFile(join(models, 'pocket/digests.json'), '{}');
    expect(await check('third')).toMatchObject({ problem: expect.stringContaining('digests.json'), digest: '' });
    await generate({ steps: 2 });
  });
});
