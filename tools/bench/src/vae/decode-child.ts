/**
 * A process that decodes one image and tells how much it grew: the most memory a process ever held can only be read once.
 *
 * Started by `fork` with advanced serialization; the first message is the {@link DecodeTask}, the answer a {@link DecodeAnswer}.
 */
import { readFileSync } from 'node:fs';
import { ModelFolder, type TileSize, VaeDecoder } from '@darkroom/onnx-pipeline';
import type { Tensor } from '@darkroom/tensor';

/** What is to be decoded. */
export interface DecodeTask {
  readonly folderPath: string;
  readonly threads: number;
  readonly latents: Tensor;
  readonly memoryLimitBytes: number;
}

/** What it took. */
export interface DecodeAnswer {
  /** Peak of the resident memory over what was resident before, the picture included. */
  readonly grownBytes: number;
  /** The shortest of three times, and the kernels' part of it. */
  readonly totalMs: number;
  readonly kernelMs: number;
  readonly tile: TileSize | undefined;
  readonly rgb: Uint8Array;
}

function peakBytes(): number {
  return Number(/^VmHWM:\s+(\d+) kB$/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1]) * 1024;
}

process.once('message', async ({ folderPath, threads, latents, memoryLimitBytes }: DecodeTask) => {
  const decoder = await VaeDecoder.load(await ModelFolder.open(folderPath), { threads, memoryLimitBytes });
  const residentBytes = process.memoryUsage.rss();
  const answers: DecodeAnswer[] = [];
  for (let run = 0; run < 3; run++) {
    const start = performance.now();
    const { rgb, tile, kernelMs } = await decoder.decode(latents);
    const totalMs = performance.now() - start;
    answers.push({ grownBytes: peakBytes() - residentBytes, totalMs, kernelMs, tile, rgb });
  }
  const best = answers.reduce((a, b) => (a.totalMs <= b.totalMs ? a : b));
  await decoder.close();
  const answer: DecodeAnswer = { ...best, grownBytes: answers[0]?.grownBytes as number };
  // A picture is more than a pipe holds at once.
  process.send?.(answer, () => process.disconnect());
});
