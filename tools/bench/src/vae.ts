import { fork } from 'node:child_process';
import { once } from 'node:events';
import { availableParallelism } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { meanSquaredError, psnr } from '@darkroom/evaluate';
import { indent, table } from '@darkroom/local';
import { Denoiser, ModelFolder, OnnxSession, PromptEncoder } from '@darkroom/onnx-pipeline';
import { gaussianNoise, type Tensor, tensor } from '@darkroom/tensor';
import type { BenchContext, Benchmark } from './benchmark.js';
import { atLeast, type Figure, plain } from './figures.js';
import type { DecodeAnswer, DecodeTask } from './vae/decode-child.js';

const MEBIBYTE = 2 ** 20;
/** Sides in pixels, each with the memory limits under which it is decoded in tiles, in MiB. */
const CASES: readonly (readonly [side: number, limits: readonly number[]])[] = [
  [512, [32]],
  [768, [32, 64]],
  [1024, [64, 128]],
  [2048, [128, 512]],
];
/** More than any of them takes whole. */
const NO_LIMIT = 2 ** 40;
/** The least that tiles may agree with the whole, in dB. */
const FLOOR_DB = 75;
const BATCH_SIDES = [64, 128, 256, 512];
const BATCH_ROWS = [1, 2, 4, 8];

/** Paints one picture per side, as the latents of it; those of 2048 pixels are four pictures of 1024. */
async function paintLatents(folder: ModelFolder, threads: number): Promise<Map<number, Tensor<'float32'>>> {
  const encoder = await PromptEncoder.load(folder, { threads });
  const { conditioning } = await encoder.encode('a house left of a tree on a blue background');
  await encoder.close();
  const denoiser = await Denoiser.load(folder, { threads });
  const latents = new Map<number, Tensor<'float32'>>();
  for (const [side] of CASES.filter(([pixels]) => pixels <= 1024)) {
    const request = { seed: 1, steps: 8, guidanceScale: 1, width: side, height: side, conditioning };
    latents.set(side, (await denoiser.denoise(request)).latents);
  }
  await denoiser.close();
  return latents.set(2048, fourfold(latents.get(1024) as Tensor<'float32'>));
}

/** Puts four copies of a picture's latents side by side and above each other. */
function fourfold({ shape, data }: Tensor<'float32'>): Tensor<'float32'> {
  const [, channels = 0, height = 0, width = 0] = shape;
  const copies = new Float32Array(4 * data.length);
  for (let row = 0; row < channels * 2 * height; row++) {
    const from = (Math.floor(row / (2 * height)) * height + (row % height)) * width;
    copies.set(data.subarray(from, from + width), row * 2 * width);
    copies.set(data.subarray(from, from + width), (row * 2 + 1) * width);
  }
  return tensor('float32', [1, channels, 2 * height, 2 * width], copies);
}

async function decode(task: DecodeTask): Promise<DecodeAnswer> {
  const child = fork(fileURLToPath(new URL('./vae/decode-child.js', import.meta.url)), { serialization: 'advanced' });
  // A process may have ended before its answer is read.
  const answered = Promise.all([once(child, 'message'), once(child, 'close')]);
  child.send(task);
  const [[answer]] = await answered;
  return answer as DecodeAnswer;
}

/** Times runs of the decoder's graph by side and rows: milliseconds per row, the shortest of five runs after one that allocates. */
async function batches(folder: ModelFolder, threads: number): Promise<number[][]> {
  const session = await OnnxSession.load({ path: folder.graphPath('vae_decoder'), threads });
  const rowMs = async (side: number, rows: number) => {
    const times: number[] = [];
    for (let run = 0; run < 6; run++) {
      const latents = gaussianNoise(run, [rows, 16, side / 16, side / 16]);
      times.push((await session.run({ latent_sample: latents })).kernelMs);
    }
    return Math.min(...times.slice(1)) / rows;
  };
  const results: number[][] = [];
  for (const side of BATCH_SIDES) {
    const line: number[] = [];
    for (const rows of BATCH_ROWS) line.push(await rowMs(side, rows));
    results.push(line);
  }
  await session.close();
  return results;
}

async function run({ config, say }: BenchContext): Promise<Figure[]> {
  const threads = availableParallelism();
  const folder = await ModelFolder.open(path.join(config.root, 'models/pocket'));
  const latentsBySide = await paintLatents(folder, threads);
  const figures: Figure[] = [];
  const rows: string[][] = [['size', 'limit', 'tiles', 'peak MiB', 'time ms', 'kernels ms', 'PSNR dB']];
  for (const [side, limits] of CASES) {
    const task = { folderPath: folder.path, threads, latents: latentsBySide.get(side) as Tensor<'float32'> };
    const whole = await decode({ ...task, memoryLimitBytes: NO_LIMIT });
    for (const limit of [undefined, ...limits]) {
      const made = limit === undefined ? whole : await decode({ ...task, memoryLimitBytes: limit * MEBIBYTE });
      const agreement = psnr(meanSquaredError(made.rgb, whole.rgb));
      const name = `${side}x${side} ${limit === undefined ? 'whole' : `within ${limit} MiB`}`;
      const { grownBytes, totalMs, kernelMs, tile } = made;
      const tiles = tile === undefined ? 'whole' : `${tile.width}x${tile.height}/${tile.overlap}`;
      const numbers = [grownBytes / MEBIBYTE, totalMs, kernelMs].map((value) => value.toFixed(0));
      rows.push([
        `${side}x${side}`,
        limit === undefined ? '' : `${limit} MiB`,
        tiles,
        ...numbers,
        limit === undefined ? '' : agreement.toFixed(1),
      ]);
      figures.push(plain(`peak memory, ${name}`, grownBytes / MEBIBYTE, 'MiB'), plain(`time, ${name}`, totalMs, 'ms'));
      if (limit !== undefined) figures.push(atLeast(`agreement with the whole, ${name}`, agreement, 'dB', FLOOR_DB));
    }
  }
  say(`Whole and in tiles:\n${indent(table(rows, [3, 4, 5, 6]))}\n`);
  const timed = await batches(folder, threads);
  const lines = BATCH_SIDES.map((side, i) => [`${side}x${side}`, ...(timed[i] as number[]).map((ms) => ms.toFixed(1))]);
  say(
    `Milliseconds per image in runs of several:\n${indent(table([['size', ...BATCH_ROWS.map(String)], ...lines], [1, 2, 3, 4]))}\n`,
  );
  return figures;
}

/** What tiles save in memory and cost in time and likeness, and what batches gain. */
export const vae: Benchmark = {
  name: 'vae',
  summary: 'the VAE decoder whole, in tiles and in batches, on the engine (a minute)',
  run,
};
