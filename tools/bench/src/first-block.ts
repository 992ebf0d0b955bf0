import { availableParallelism } from 'node:os';
import path from 'node:path';
import { mean, meanSquaredError, psnr } from '@darkroom/evaluate';
import { indent, table } from '@darkroom/local';
import { type DenoiseRequest, Denoiser, ModelFolder, PromptEncoder, VaeDecoder } from '@darkroom/onnx-pipeline';
import type { BenchContext, Benchmark } from './benchmark.js';
import { type Figure, median, plain } from './figures.js';
import { prompts } from './prompts.js';

const SIDE = 256;
const GUIDANCE = 4;
/** What is compared with all steps and no caching: thresholds, and for about the same savings, fewer steps. */
const VARIANTS: readonly (readonly [steps: number, variants: readonly Variant[]])[] = [
  [20, [...thresholds(0.05, 0.1, 0.2, 0.3), { steps: 14 }, { steps: 10 }]],
  [50, [...thresholds(0.05, 0.1, 0.2, 0.3), { steps: 32 }, { steps: 22 }, { steps: 16 }]],
];

/** How a picture is made otherwise. */
type Variant = Pick<DenoiseRequest, 'firstBlockCache'> | Pick<DenoiseRequest, 'steps'>;

/** One picture made otherwise beside the same made with all steps and no caching. */
interface Comparison {
  readonly speedUp: number;
  /** Share of the passes in which only the first block was computed. */
  readonly reused: number;
  /** Mean squared and mean absolute difference of the pictures' bytes. */
  readonly squaredError: number;
  readonly absoluteError: number;
}

interface Stages {
  readonly encoder: PromptEncoder;
  readonly denoiser: Denoiser;
  readonly decoder: VaeDecoder;
}

function thresholds(...values: readonly number[]): Variant[] {
  return values.map((firstBlockCache) => ({ firstBlockCache }));
}

/** Paints each prompt in all ways in turn, so that whatever else the machine does falls on all. */
async function compare(
  stages: Stages,
  steps: number,
  variants: readonly Variant[],
  context: BenchContext,
): Promise<Comparison[][]> {
  const { encoder, denoiser, decoder } = stages;
  const { conditioning: negativeConditioning } = await encoder.encode('');
  const paint = async (request: DenoiseRequest) => {
    let passes = 0;
    let reused = 0;
    const stop = denoiser.onBatch(({ reusedRows }) => {
      passes += 1;
      reused += reusedRows > 0 ? 1 : 0;
    });
    const { latents, kernelMs } = await denoiser.denoise(request, { signal: context.signal });
    stop();
    return { kernelMs, reused: reused / passes, rgb: (await decoder.decode(latents)).rgb };
  };
  const comparisons: Comparison[][] = variants.map(() => []);
  for (const [seed, prompt] of prompts.entries()) {
    const { conditioning } = await encoder.encode(prompt);
    const size = { width: SIDE, height: SIDE };
    const request = { seed, steps, guidanceScale: GUIDANCE, ...size, conditioning, negativeConditioning };
    const whole = await paint(request);
    for (const [i, variant] of variants.entries()) {
      const { kernelMs, reused, rgb } = await paint({ ...request, ...variant });
      comparisons[i]?.push({
        speedUp: whole.kernelMs / kernelMs,
        reused,
        squaredError: meanSquaredError(whole.rgb, rgb),
        absoluteError: mean(Array.from(whole.rgb, (value, j) => Math.abs(value - (rgb[j] as number)))),
      });
    }
    context.say(`${steps} steps, ${prompt}: ${whole.kernelMs.toFixed(0)} ms without caching`);
  }
  return comparisons;
}

async function run(context: BenchContext): Promise<Figure[]> {
  const folder = await ModelFolder.open(path.join(context.config.modelsDir, 'pocket'));
  const options = { threads: availableParallelism() };
  const encoder = await PromptEncoder.load(folder, options);
  const denoiser = await Denoiser.load(folder, options);
  const decoder = await VaeDecoder.load(folder, options);
  const rows: string[][] = [];
  const figures: Figure[] = [];
  try {
    for (const [steps, variants] of VARIANTS) {
      const comparisons = await compare({ encoder, denoiser, decoder }, steps, variants, context);
      for (const [i, variant] of variants.entries()) {
        const pictures = comparisons[i] as Comparison[];
        const ratios = pictures.map(({ squaredError }) => psnr(squaredError));
        const reused = 100 * mean(pictures.map((picture) => picture.reused));
        const speedUp = median(pictures.map((picture) => picture.speedUp));
        const absolute = mean(pictures.map(({ absoluteError }) => absoluteError));
        const [middle, worst] = [median(ratios), Math.min(...ratios)];
        const way = 'steps' in variant ? `${variant.steps} steps` : `threshold ${variant.firstBlockCache}`;
        const name = `${steps} steps, ${way}`;
        figures.push(
          plain(`${name}: steps reused`, reused, '%'),
          plain(`${name}: kernels, median of ratios`, speedUp, '×'),
          plain(`${name}: PSNR, median`, middle, 'dB'),
          plain(`${name}: PSNR, worst`, worst, 'dB'),
          plain(`${name}: mean absolute error`, absolute, 'of 255'),
        );
        const numbers = [reused.toFixed(0), speedUp.toFixed(2), middle.toFixed(1), worst.toFixed(1), absolute.toFixed(2)];
        rows.push([String(steps), way, ...numbers]);
      }
    }
  } finally {
    await Promise.all([encoder, denoiser, decoder].map((stage) => stage.close()));
  }
  const header = ['steps', 'instead', 'reused %', 'speed-up', 'PSNR dB', 'worst dB', 'error of 255'];
  context.say(`\n${indent(table([header, ...rows], [0, 2, 3, 4, 5, 6]))}\n`);
  return figures;
}

/** What first-block caching saves, and what it changes. */
export const firstBlock: Benchmark = {
  name: 'first-block',
  summary: 'pictures with first-block caching beside the same without: steps saved, time, difference',
  run,
};
