import { createHash } from 'node:crypto';
import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { DarkroomError } from '@darkroom/contracts';
import { pocketFamilyModel, ranges, type ServedModel } from '@darkroom/contracts/http';
import { Readiness } from '@darkroom/service-kit';
import { Injectable } from '@nestjs/common';
import { z } from 'zod';
import { Config } from '../config.js';

/** A served model, and when its folder was made. */
export interface CatalogueEntry {
  readonly model: ServedModel;
  /** Unix seconds. */
  readonly created: number;
  /** Digest of its `digests.json`, as receipts have it; absent where there is none, which no denoiser would run. */
  readonly digest: string | undefined;
}

/** What a model index must say; a model that names no steps and guidance of its own is taken for an ordinary one. */
const modelIndex = z.object({
  _class_name: z.string(),
  num_inference_steps: z.int().min(ranges.steps.min).max(ranges.steps.max).default(20),
  guidance_scale: z.number().min(ranges.guidance_scale.min).max(ranges.guidance_scale.max).default(4),
});

/** What each family draws, by the pipeline that a model's model_index.json names. */
const families = new Map([['PocketPipeline', pocketFamilyModel]]);

/** Knows the models that the platform serves. */
@Injectable()
export class ModelCatalogue {
  private readonly loading: Promise<readonly CatalogueEntry[]>;

  constructor({ modelsDir, models }: Config, readiness: Readiness) {
    this.loading = readiness.load('models', () => readCatalogue(modelsDir, models));
  }

  /**
   * Returns the served models; the first is the one that is meant when a request names none.
   *
   * @throws {DarkroomError} Thrown with `unavailable` when the model folders can't be read.
   */
  async entries(): Promise<readonly CatalogueEntry[]> {
    try {
      return await this.loading;
    } catch (cause) {
      throw new DarkroomError({
        code: 'unavailable',
        message: 'no model can be served at the moment',
        retryAfterSeconds: 10,
        cause,
      });
    }
  }
}

/**
 * Reads what the model folders say of themselves.
 *
 * @throws {Error} Thrown when a folder is missing or of a family that is not known, and when there is no model at all.
 */
export async function readCatalogue(modelsDir: string, wanted: readonly string[] | undefined): Promise<CatalogueEntry[]> {
  const entries: CatalogueEntry[] = [];
  for (const id of wanted ?? (await foldersWithIndex(modelsDir))) {
    const path = join(modelsDir, id, 'model_index.json');
    const index = modelIndex.safeParse(JSON.parse(await readFile(path, 'utf8')));
    if (!index.success) throw new Error(`${path}: ${z.prettifyError(index.error)}`);
    const { _class_name, num_inference_steps: defaultSteps, guidance_scale: defaultGuidanceScale } = index.data;
    const family = families.get(_class_name);
    if (family === undefined) {
      throw new Error(`${path} names a pipeline that is not known; known are ${[...families.keys()].join(', ')}`);
    }
    const model = family(id, { defaultSteps, defaultGuidanceScale });
    const created = Math.floor((await stat(path)).mtimeMs / 1000);
    entries.push({ model, created, digest: await digestOf(join(modelsDir, id, 'digests.json')) });
  }
  if (entries.length === 0) throw new Error(`${modelsDir} holds no model: a folder with a model_index.json`);
  return entries;
}

async function digestOf(path: string): Promise<string | undefined> {
  const bytes = await readFile(path).catch(() => undefined);
  return bytes && `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
}

async function foldersWithIndex(modelsDir: string): Promise<string[]> {
  const names = (await readdir(modelsDir)).sort();
  const found = await Promise.all(
    names.map((name) =>
      stat(join(modelsDir, name, 'model_index.json')).then(
        () => true,
        () => false,
      ),
    ),
  );
  return names.filter((_name, index) => found[index]);
}
