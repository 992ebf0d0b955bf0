import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import type { PassTime } from '@darkroom/contracts';
import { LocalError } from '@darkroom/local';
import { CostModel, type PassCosts } from '@darkroom/onnx-pipeline/engine';
import { z } from 'zod';

const document = z.strictObject({
  name: z.string().min(1),
  source: z.string().min(1),
  passTimes: z
    .array(z.strictObject({ pixels: z.number().positive(), rows: z.int().positive(), ms: z.number().positive() }))
    .min(1),
  otherSeconds: z.number().min(0),
});

/** What a device takes for a pass of the transformer, measured or published. */
export interface StepTimes {
  readonly name: string;
  /** Who measured or published it. */
  readonly source: string;
  readonly passTimes: readonly PassTime[];
  /** Seconds that a generation spends in its other stages. */
  readonly otherSeconds: number;
}

/** The step times that come with this tool, by the name under which they can be asked for. */
export const knownTimes = ['pocket-two-cores', 'sdxl-h100'] as const;

/**
 * Reads step times, by name or from a JSON file of the same shape.
 *
 * @throws {LocalError} Thrown when there is no such file, or it says something else.
 */
export async function readStepTimes(nameOrFile: string): Promise<StepTimes> {
  const isKnown = (knownTimes as readonly string[]).includes(nameOrFile);
  const file = isKnown ? fileURLToPath(new URL(`../times/${nameOrFile}.json`, import.meta.url)) : nameOrFile;
  const text = await readFile(file, 'utf8').catch((error: Error) => {
    throw new LocalError(`--times ${nameOrFile}: ${error.message}; known are ${knownTimes.join(', ')}`);
  });
  try {
    return document.parse(JSON.parse(text));
  } catch (error) {
    throw new LocalError(`${file}: ${error instanceof z.ZodError ? z.prettifyError(error) : (error as Error).message}`);
  }
}

/** Passes of as many rows after which the engine's cost model tries no other count. */
const settledPasses = 4;

/** The engine's own cost model of these times, with what it answers remembered, since it does not change here. */
export function passCosts({ passTimes }: Pick<StepTimes, 'passTimes'>): PassCosts & { bucketOf(pixels: number): string } {
  const model = new CostModel();
  for (const { pixels, rows, ms } of passTimes) {
    model.open(String(pixels), pixels, pixels);
    for (let pass = 0; pass < settledPasses; pass += 1) model.record(String(pixels), rows, ms);
  }
  // Row counts between the measured ones are tried by load in the engine; here there is nothing more to measure.
  const most = new Map<string, number>();
  const known = new Map<string, number>();
  const remembered = (key: string, compute: () => number) => {
    const value = known.get(key) ?? compute();
    known.set(key, value);
    return value;
  };
  return {
    bucketOf(pixels) {
      const bucket = String(pixels);
      if (!most.has(bucket)) {
        model.open(bucket, pixels, pixels);
        most.set(bucket, bestRows(model, bucket, passTimes, pixels));
      }
      return bucket;
    },
    passMs: (bucket, rows) => remembered(`${bucket}|${rows}`, () => model.passMs(bucket, rows)),
    bestRows: (bucket) => most.get(bucket) as number,
  };
}

/** What the cost model chooses once every count of the nearest measured size has been tried. */
function bestRows(model: CostModel, bucket: string, passTimes: readonly PassTime[], pixels: number): number {
  const distance = (time: PassTime) => Math.abs(Math.log(time.pixels / pixels));
  const nearest = Math.min(...passTimes.map(distance));
  const counts = passTimes.filter((time) => distance(time) === nearest).map(({ rows }) => rows);
  const settled = new CostModel();
  settled.open(bucket, pixels, pixels);
  for (const rows of counts.toSorted((a, b) => a - b)) {
    for (let pass = 0; pass < settledPasses; pass += 1) settled.record(bucket, rows, model.passMs(bucket, rows));
  }
  const best = settled.bestRows(bucket);
  // It offers the next count that was never tried; one that nobody measured is not known to gain anything.
  return counts.includes(best) ? best : Math.max(...counts);
}
