import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type BatchEvent, PipelineError } from '@darkroom/onnx-pipeline';
import { LocalBlobStore } from '@darkroom/service-kit';
import { atMost, below, type Figure, median, plain } from '../figures.js';
import { seededRandom } from '../random.js';
import { checkpointEvery } from './recovery.js';
import type { EngineRun } from './run.js';

const side = 256;

/** What interruptions cost: how much is still done for who gives up, and what checkpoints cost who does not. */
export async function interruption(run: EngineRun): Promise<Figure[]> {
  return [...(await cancelling(run)), ...(await checkpoints(run))];
}

/** Cancels images at random moments, each beside another, and counts what was still done for them. */
async function cancelling({ bed, plan, say }: EngineRun): Promise<Figure[]> {
  const tries = 4 * plan.repeats;
  say(`  cancelling ${tries} images`);
  const random = seededRandom(700);
  const steps: number[] = [];
  const times: number[] = [];
  for (let i = 0; i < tries; i++) {
    const controller = new AbortController();
    const beside = bed.make({ seed: i, steps: 12, side, tenant: '' });
    let made = 0;
    const cancelled = bed
      .make({ seed: i, steps: 50, side, tenant: '' }, { signal: controller.signal, onStep: ({ step }) => (made = step) })
      .then(
        () => undefined,
        (error: unknown) => error,
      );
    await sleep(50 + random() * 200);
    const before = made;
    const startMs = performance.now();
    controller.abort();
    const error = await cancelled;
    times.push(performance.now() - startMs);
    if (!(error instanceof PipelineError) || error.code !== 'cancelled') throw new Error('a cancelled image was made to its end');
    steps.push((error.usage?.passes ?? Number.NaN) - before);
    await beside;
  }
  return [
    atMost(`steps made after cancelling, most of ${tries}`, Math.max(...steps), 'steps', 1),
    plain('from cancelling to its end', median(times), 'ms'),
  ];
}

/** Makes the same image with checkpoints that are stored and without, in turns. */
async function checkpoints({ bed, plan, say }: EngineRun): Promise<Figure[]> {
  const pairs = 4 * plan.repeats;
  say(`  ${pairs} images with checkpoints and as many without`);
  const storePath = mkdtempSync(path.join(tmpdir(), 'darkroom-bench-'));
  const store = new LocalBlobStore(storePath);
  const events: BatchEvent[] = [];
  const ratios: number[] = [];
  let bytes = 0;
  try {
    for (let i = 0; i < pairs; i++) {
      const stored: Promise<void>[] = [];
      const stop = () => bed.denoiser.onBatch((event) => events.push(event));
      const timed = async (every: number | undefined) => {
        const unwatch = every === undefined ? undefined : stop();
        const startMs = performance.now();
        await bed.make(
          { seed: i, steps: 20, side, tenant: '' },
          {
            onCheckpoint: ({ checkpoint }) => {
              bytes = checkpoint.length;
              stored.push(store.put(`checkpoint-${i}`, checkpoint));
            },
          },
          { checkpointEvery: every },
        );
        const wallMs = performance.now() - startMs;
        unwatch?.();
        return wallMs;
      };
      const first = await timed(i % 2 === 0 ? undefined : checkpointEvery);
      const second = await timed(i % 2 === 0 ? checkpointEvery : undefined);
      ratios.push(i % 2 === 0 ? second / first : first / second);
      await Promise.all(stored);
    }
  } finally {
    rmSync(storePath, { recursive: true, force: true });
  }
  const sum = (of: (event: BatchEvent) => number) => events.reduce((total, event) => total + of(event), 0);
  const share = sum(({ checkpointMs }) => checkpointMs) / sum(({ kernelMs, overheadMs }) => kernelMs + overheadMs);
  return [
    below(`checkpoints every ${checkpointEvery} steps, of the loop's time, ${side}x${side}`, share * 100, '%', 2),
    plain('the same with storing them, of the whole time (noise included)', (median(ratios) - 1) * 100, '%'),
    plain('size of a checkpoint', bytes / 1024, 'KiB'),
  ];
}
