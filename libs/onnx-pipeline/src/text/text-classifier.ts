import type { PipelineError } from '../pipeline-error.js';
import type { TextClassifierMethods, TextClassifierOptions, TextScores } from '../programs/text-classifier.js';
import { WorkerClient } from '../worker/worker-client.js';

/** A classifier of texts in a worker thread of its own, which splits them into windows of features or tokens and runs the graph. */
export class TextClassifier {
  readonly #client: WorkerClient<TextClassifierMethods>;

  private constructor(client: WorkerClient<TextClassifierMethods>) {
    this.#client = client;
  }

  /**
   * Loads a graph from a file into a new worker thread.
   *
   * @throws PipelineError `model_damaged` when ONNX Runtime can't read it, or it lacks the input or output.
   */
  static async load(options: TextClassifierOptions): Promise<TextClassifier> {
    // It makes many short strings, and nothing else here needs room for them.
    const { client } = await WorkerClient.start<TextClassifierMethods, TextClassifierOptions, undefined>(
      'text-classifier',
      options,
      4,
    );
    return new TextClassifier(client);
  }

  /** Resolves when the worker thread has ended; see {@link WorkerClient.ended}. */
  get ended(): Promise<PipelineError | undefined> {
    return this.#client.ended;
  }

  /**
   * Scores several readings of one text: of each label, the highest probability in any window of any reading.
   *
   * @param texts for hashed n-grams lower case and free of marks.
   * @throws PipelineError `unavailable` when the thread is dead; `model_damaged` when the graph's answers are not one for each label.
   */
  async score(texts: readonly string[]): Promise<TextScores> {
    return await this.#client.call('score', texts);
  }

  /** Ends the worker thread and frees the graph. */
  async close(): Promise<void> {
    await this.#client.close();
  }
}
