import { access, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { DarkroomError } from '@darkroom/contracts';
import { ModelFolder, type PipelineError, type SessionOptions } from '@darkroom/onnx-pipeline';
import type { Log, Readiness } from '@darkroom/service-kit';
import { fromPipeline } from './from-pipeline.js';

/** A stage of the engine, as far as serving it goes. */
export interface ModelStage {
  readonly ended: Promise<PipelineError | undefined>;
  close(): Promise<void>;
}

/** A model that is loaded and verified. */
export interface ServedModel<Stage extends ModelStage> {
  readonly folder: ModelFolder;
  readonly stage: Stage;
}

/** Which models a service serves, and how it loads its stage of each. */
export interface ServedModelsOptions<Stage extends ModelStage> {
  readonly modelsDir: string;
  /** Names of folders in it; undefined for every folder with a `model_index.json`. */
  readonly models: readonly string[] | undefined;
  readonly threads: number;
  readonly load: (folder: ModelFolder, options: SessionOptions) => Promise<Stage>;
  readonly readiness: Readiness;
  readonly log: Log;
}

/**
 * The models a service serves, loading in the background from the moment it is made.
 *
 * A damaged model keeps the service up but never ready: `/readyz` and the log name the file and both digests, and a request for
 * the model gets `model_damaged`. A worker thread that dies ends the process, whose keeper starts it afresh.
 */
export class ServedModels<Stage extends ModelStage> {
  private readonly options: ServedModelsOptions<Stage>;
  private readonly loading: Promise<ReadonlyMap<string, Promise<ServedModel<Stage>>>>;

  constructor(options: ServedModelsOptions<Stage>) {
    this.options = options;
    this.loading = options.readiness.load('models', async () => {
      const names = options.models ?? (await modelNames(options.modelsDir));
      return new Map(names.map((name) => [name, options.readiness.load(`model ${name}`, () => this.load(name))]));
    });
  }

  /**
   * Returns a model, waiting while it is being loaded.
   *
   * @throws {DarkroomError} Thrown with `not_found` when the service does not serve it, naming those it serves; with
   *   `model_damaged` when its files are not what they should be.
   */
  async get(name: string): Promise<ServedModel<Stage>> {
    try {
      const models = await this.loading;
      const model = models.get(name);
      if (model === undefined) {
        const served = [...models.keys()].join(', ');
        throw new DarkroomError({
          code: 'not_found',
          message: `there is no model of that name; served are: ${served}`,
          param: 'model',
        });
      }
      return await model;
    } catch (error) {
      throw fromPipeline(error);
    }
  }

  /** Ends every model's worker thread. */
  async close(): Promise<void> {
    const models = await this.loading.catch(() => new Map<string, Promise<ServedModel<Stage>>>());
    const settled = await Promise.allSettled(models.values());
    await Promise.all(settled.map((model) => (model.status === 'fulfilled' ? model.value.stage.close() : undefined)));
  }

  private async load(name: string): Promise<ServedModel<Stage>> {
    const { modelsDir, threads, load, log } = this.options;
    const folder = await ModelFolder.open(join(modelsDir, name));
    const stage = await load(folder, { threads });
    log.info('model verified and loaded', { model: name, digest: folder.digest });
    void stage.ended.then((error) => {
      if (error !== undefined) {
        // Thrown outside of any request, so that it ends the process.
        setImmediate(() => {
          throw error;
        });
      }
    });
    return { folder, stage };
  }
}

/** Lists the folders that hold an image model; other folders, such as a classifier's, have no `model_index.json`. */
async function modelNames(modelsDir: string): Promise<string[]> {
  const names: string[] = [];
  for (const { name } of await readdir(modelsDir, { withFileTypes: true })) {
    const isModel = await access(join(modelsDir, name, 'model_index.json')).then(
      () => true,
      () => false,
    );
    if (isModel) {
      names.push(name);
    }
  }
  if (names.length === 0) {
    throw new Error(`${modelsDir} holds no model: a model is a folder with a model_index.json`);
  }
  return names.sort();
}
