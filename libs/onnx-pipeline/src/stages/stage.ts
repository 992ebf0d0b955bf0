import type { ModelFolder } from '../model-folder.js';
import type { ModelOptions } from '../model-options.js';
import type { PipelineError } from '../pipeline-error.js';
import type { StageOptions } from '../programs/stage-options.js';
import type { Methods } from '../worker/protocol.js';
import { WorkerClient } from '../worker/worker-client.js';

/** One of a model's stages, running in a worker thread of its own. */
export abstract class Stage<M extends Methods, Ready> {
  protected readonly client: WorkerClient<M>;
  protected readonly ready: Ready;

  protected constructor({ client, ready }: StartedStage<M, Ready>) {
    this.client = client;
    this.ready = ready;
  }

  /** Resolves when the worker thread has ended: with what killed it, or with undefined after {@link close}. */
  get ended(): Promise<PipelineError | undefined> {
    return this.client.ended;
  }

  /** Ends the worker thread, rejecting what still runs, and frees the model. */
  async close(): Promise<void> {
    await this.client.close();
  }
}

/** A worker program that is ready, and what it found out while starting. */
export interface StartedStage<M extends Methods, Ready> {
  readonly client: WorkerClient<M>;
  readonly ready: Ready;
}

/** Verifies the model's files that a stage reads, then starts the stage's program on them. */
export async function startStage<M extends Methods, Ready, Options extends ModelOptions = ModelOptions>(
  program: string,
  folder: ModelFolder,
  parts: Parameters<ModelFolder['verify']>[0],
  options: Options,
): Promise<StartedStage<M, Ready>> {
  await folder.verify(parts, options.precision);
  return await WorkerClient.start<M, Options & StageOptions, Ready>(program, { ...options, folderPath: folder.path });
}
