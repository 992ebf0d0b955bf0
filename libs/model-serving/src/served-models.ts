import { access, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { DarkroomError } from '@darkroom/contracts';
import { checkProvider, ModelFolder, type ModelOptions, type ModelPart, PipelineError } from '@darkroom/onnx-pipeline';
import { ConfigError, type Log, type Readiness } from '@darkroom/service-kit';
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
  /** How graphs are run, and which; see {@link modelOptions}. */
  readonly options: ModelOptions;
  /** What a stage reads of a model folder: models that are alike in all of it, as a model and its distilled variant may be, share one stage. */
  readonly parts: readonly ModelPart[];
  readonly load: (folder: ModelFolder, options: ModelOptions) => Promise<Stage>;
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
  /** Settles when it is known whether this machine has what the models are to be run with. */
  private readonly provider: Promise<void>;
  private readonly loading: Promise<ReadonlyMap<string, Promise<ServedModel<Stage>>>>;
  /** Stages, loading or loaded, by the digest of what they read. */
  private readonly stages = new Map<string, Promise<Stage>>();

  constructor(options: ServedModelsOptions<Stage>) {
    this.options = options;
    this.provider = checkProvider(options.options);
    this.loading = options.readiness.load('models', async () => {
      await this.provider;
      const names = options.models ?? (await modelNames(options.modelsDir));
      return new Map(names.map((name) => [name, options.readiness.load(`model ${name}`, () => this.load(name))]));
    });
  }

  /**
   * Waits until it is known that this machine can run models the way it was told to; a service awaits it before it listens.
   *
   * @throws {ConfigError} Thrown when it can't, naming the variable: no restart would help, so the process is meant to end.
   */
  async checkConfiguration(): Promise<void> {
    try {
      await this.provider;
    } catch (error) {
      throw error instanceof PipelineError ? configError(error, this.options.options) : error;
    }
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
    await this.loading.catch(() => undefined);
    const settled = await Promise.allSettled(this.stages.values());
    await Promise.all(settled.map((stage) => (stage.status === 'fulfilled' ? stage.value.close() : undefined)));
  }

  private async load(name: string): Promise<ServedModel<Stage>> {
    const { modelsDir, parts, log } = this.options;
    const folder = await ModelFolder.open(join(modelsDir, name));
    const key = folder.partsDigest(parts);
    const others = this.stages.get(key);
    const shared = others && (await others.catch(() => undefined));
    if (shared !== undefined) {
      await folder.verify(parts);
      log.info('model verified; it shares the stage of another with the same files', { model: name, digest: folder.digest });
      return { folder, stage: shared };
    }
    const loading = this.loadStage(folder);
    this.stages.set(key, loading);
    const stage = await loading;
    log.info('model verified and loaded', { model: name, digest: folder.digest });
    return { folder, stage };
  }

  private async loadStage(folder: ModelFolder): Promise<Stage> {
    const { options, load } = this.options;
    const stage = await load(folder, options);
    void stage.ended.then((error) => {
      if (error !== undefined) {
        // Thrown outside of any request, so that it ends the process.
        setImmediate(() => {
          throw error;
        });
      }
    });
    return stage;
  }
}

/** Says which variable asked for what this machine can't do. The engine knows its options, not what sets them. */
function configError({ param, message }: PipelineError, { provider }: ModelOptions): ConfigError {
  return new ConfigError(
    param === undefined ? `EXECUTION_PROVIDER=${provider}: ${message}` : `${param.toUpperCase()}: ${message}`,
  );
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
