import { fork } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { atMost, type Figure, median, plain } from '../figures.js';
import { seededRandom } from '../random.js';
import type { News, Task } from './recovery-child.js';
import { type EngineRun, progress } from './run.js';
import type { Job } from './workload.js';

const steps = 50;
const side = 256;
/** What the denoiser service has by default. */
export const checkpointEvery = 5;

/** Runs a worker to its end, or until it has told of a step; then it is killed. */
async function runWorker(task: Task, killAtStep = Number.POSITIVE_INFINITY): Promise<{ news: News[]; wallMs: number[] }> {
  const startMs = performance.now();
  const child = fork(fileURLToPath(new URL('./recovery-child.js', import.meta.url)), { serialization: 'advanced' });
  const news: News[] = [];
  const wallMs: number[] = [];
  child.on('message', (one: News) => {
    news.push(one);
    wallMs.push(performance.now() - startMs);
    if (one.kind === 'step' && one.step === killAtStep) child.kill('SIGKILL');
  });
  child.send(task);
  // Comes after all that the worker had told.
  await new Promise((resolve) => child.once('close', resolve));
  return { news, wallMs };
}

/**
 * Kills workers in the middle of an image and has others go on: steps that are made twice, and how long it takes until there is a new one.
 *
 * The steps lost are those that the killed worker told of and the next one made again; the step that was under way comes on top.
 */
export async function recovery(run: EngineRun): Promise<Figure[]> {
  const { bed, material, plan } = run;
  const lost: number[] = [];
  const resumeMs: number[] = [];
  const processMs: number[] = [];
  let same = 0;
  for (let repeat = 0; repeat < plan.repeats; repeat++) {
    progress(run, 'kill -9 and resume', repeat);
    const job: Job = { seed: repeat, steps, side, tenant: '' };
    const storePath = mkdtempSync(path.join(tmpdir(), 'darkroom-bench-'));
    try {
      const request = bed.requestOf(job, { checkpointEvery });
      const task = { folderPath: material.folder.path, threads: material.threads, storePath, request };
      const killAt = checkpointEvery + Math.floor(seededRandom(600 + repeat)() * (steps - 2 * checkpointEvery));
      const killed = await runWorker({ ...task, resume: false }, killAt);
      const { news, wallMs } = await runWorker({ ...task, resume: true });
      const reached = Math.max(...killed.news.map((one) => (one.kind === 'step' ? one.step : 0)));
      const resumed = news.find(({ kind }) => kind === 'resumed');
      const first = news.findIndex(({ kind }) => kind === 'step');
      const firstStep = news[first];
      const done = news.at(-1);
      if (resumed?.kind !== 'resumed' || firstStep?.kind !== 'step' || done?.kind !== 'done') {
        throw new Error('the worker that was to go on did not');
      }
      lost.push(reached - resumed.step);
      resumeMs.push(firstStep.sinceMs);
      processMs.push(wallMs[first] as number);
      const { latents } = await bed.make(job);
      same += Number(
        createHash('sha256')
          .update(latents.data as Float32Array)
          .digest('hex') === done.digest,
      );
    } finally {
      rmSync(storePath, { recursive: true, force: true });
    }
  }
  return [
    atMost(
      `steps lost at kill -9, checkpoints every ${checkpointEvery}, most of ${plan.repeats}`,
      Math.max(...lost),
      'steps',
      checkpointEvery,
    ),
    plain('steps lost at kill -9, median', median(lost), 'steps'),
    plain('resume: from the request to the first new step', median(resumeMs), 'ms'),
    plain('resume: from the start of the process to the first new step', median(processMs), 'ms'),
    {
      name: 'images with the bytes of an undisturbed one',
      value: (same / plan.repeats) * 100,
      unit: '%',
      wanted: '= 100',
      holds: same === plan.repeats,
    },
  ];
}
