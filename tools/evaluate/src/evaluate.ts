import { fileURLToPath } from 'node:url';
import { ModelFolder, type RgbImage } from '@darkroom/onnx-pipeline';
import { mark, summarise, type Verdict } from './alignment.js';
import { type Caption, firstOfEachKind, readCaptions } from './captions.js';
import { type Diversity, diversity } from './diversity.js';
import { decodePicture, drawGrid, type Tile } from './grid.js';
import type { Judge } from './judge.js';
import type { EvaluateOptions } from './options.js';
import { Painter } from './painter.js';
import { reconstructionPsnr } from './reconstruction.js';
import { headlines, misjudged, type Report } from './report.js';

/** The side of every picture in pixels: what the pocket model was trained at, and the judge's scenes are drawn at. */
export const trainedSide = 256;

const gridColumns = 8;
const diverseCaptionsPerKind = 2;

/** What an evaluation works with. */
export interface EvaluateContext {
  readonly modelPath: string;
  readonly options: Pick<EvaluateOptions, 'perKind' | 'steps' | 'guidance' | 'seeds'>;
  /** Width and height of every picture in pixels, a multiple of the judge's. */
  readonly side: number;
  /** Real scenes that the VAE must bring back. */
  readonly scenes: readonly RgbImage[];
  readonly judge: Judge;
  readonly threads: number;
  readonly signal: AbortSignal;
  /** Told after each picture. */
  readonly onProgress?: (done: number, total: number) => void;
  /** Told of each judged picture; the next one waits. */
  readonly onPicture?: (verdict: Verdict, picture: RgbImage) => Promise<void>;
}

/** The figures, and the grid that goes with them. */
export interface Evaluation {
  readonly report: Report;
  readonly grid: RgbImage;
}

/** Reads the captions, held out of training, that every model is asked for. */
export function readHeldOutCaptions(): Promise<readonly Caption[]> {
  return readCaptions(new URL('../captions.json', import.meta.url), 'captions');
}

/** Reads the real scenes that reconstruction and the judge's own spec use. */
export async function readScenes(): Promise<readonly (Caption & { readonly picture: RgbImage })[]> {
  const folder = new URL('../scenes/', import.meta.url);
  const scenes = await readCaptions(new URL('scenes.json', folder), 'scenes');
  return await Promise.all(
    scenes.map(async (scene) => ({ ...scene, picture: await decodePicture(fileURLToPath(new URL(`${scene.id}.png`, folder))) })),
  );
}

/** Evaluates a model: paints, judges, compares. */
export async function evaluate(context: EvaluateContext): Promise<Evaluation> {
  const { modelPath, options, side, judge, threads } = context;
  const { perKind, seeds } = options;
  const captions = await readHeldOutCaptions();
  const folder = await ModelFolder.open(modelPath);
  const steps = options.steps ?? Number(folder.index.num_inference_steps ?? 20);
  const guidance = options.guidance ?? Number(folder.index.guidance_scale ?? 4);
  const painter = await Painter.load(folder, threads, { steps, guidance, side });
  try {
    const asked = firstOfEachKind(captions, perKind);
    const diverse = firstOfEachKind(captions, Math.min(perKind, diverseCaptionsPerKind));
    const total = asked.length + diverse.length * seeds;
    let done = 0;
    const paint = async (caption: string, seed: number) => {
      const picture = await painter.paint(caption, seed, context.signal);
      context.onProgress?.(++done, total);
      return picture;
    };
    const judged: { verdict: Verdict; picture: RgbImage }[] = [];
    for (const caption of asked) {
      // A caption's seed is its place among all captions, so that it stays the same however many are asked.
      const seed = captions.indexOf(caption);
      const picture = await paint(caption.caption, seed);
      const seen = await judge.look(picture);
      const verdict = { caption, seed, seen, marks: mark(caption, seen) };
      await context.onPicture?.(verdict, picture);
      judged.push({ verdict, picture });
    }
    const variety = await paintDiversity(paint, diverse, seeds);
    const verdicts = judged.map(({ verdict }) => verdict);
    const report: Report = {
      model: folder.name,
      digest: folder.digest,
      judge: judge.digest,
      arguments: { perKind, steps, guidance, seeds, size: `${side}x${side}` },
      pictures: judged.length,
      headlines: headlines(verdicts),
      alignment: summarise(verdicts),
      diversity: variety,
      reconstructionPsnr: await reconstructionPsnr(folder, threads, context.scenes),
      misjudged: misjudged(verdicts),
    };
    return { report, grid: drawGrid(gridTiles(judged), gridColumns) };
  } finally {
    await painter.close();
  }
}

async function paintDiversity(
  paint: (caption: string, seed: number) => Promise<RgbImage>,
  captions: readonly Caption[],
  seeds: number,
): Promise<Diversity> {
  const pictures: RgbImage[][] = [];
  for (const { caption } of captions) {
    const row: RgbImage[] = [];
    for (let seed = 0; seed < seeds; seed++) row.push(await paint(caption, seed));
    pictures.push(row);
  }
  return diversity(pictures);
}

/** Takes one row of the grid to a kind. */
function gridTiles(judged: readonly { verdict: Verdict; picture: RgbImage }[]): readonly Tile[] {
  const captions = firstOfEachKind(
    judged.map(({ verdict }) => verdict.caption),
    gridColumns,
  );
  return captions.flatMap((caption) => {
    const found = judged.find(({ verdict }) => verdict.caption === caption);
    if (found === undefined) return [];
    const { picture, verdict } = found;
    return [{ picture, caption: caption.caption, right: verdict.marks.everything === true }];
  });
}
