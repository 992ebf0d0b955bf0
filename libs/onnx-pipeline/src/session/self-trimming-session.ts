import { stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { NamedTensors } from '@darkroom/tensor';
import { externalDataFiles } from '../graph/external-data.js';
import { type RunnableGraph, type RunResult, Session, type SessionOptions } from './session.js';

/** When memory is given back. */
export interface TrimPolicy {
  /** Bytes the process may have grown by since the graph was loaded. */
  readonly allowanceBytes: number;
  /** Milliseconds without a run before anything is done about it. */
  readonly idleMs: number;
}

const defaultPolicy: TrimPolicy = { allowanceBytes: 128 * 2 ** 20, idleMs: 5_000 };

/**
 * A session that gives back the memory that an unusually large input took.
 *
 * ONNX Runtime keeps every activation's memory for the next run, which makes runs twice as fast, and never lets go of it: after
 * one prompt of 32,768 tokens, 600 MB would stay resident. So once the graph has been idle for a while, it is loaded anew and the
 * old session, memory and all, is released. Runs that come meanwhile use the old one.
 */
export class SelfTrimmingSession implements RunnableGraph {
  readonly #path: string;
  readonly #options: SessionOptions;
  readonly #policy: TrimPolicy;
  /** Which files were loaded: one replaced on disk since belongs to another model, and must not slip in here. */
  readonly #identity: string;
  #session: Session;
  #residentBytes = process.memoryUsage.rss();
  #running = 0;
  #timer: NodeJS.Timeout | undefined;

  private constructor(path: string, options: SessionOptions, policy: TrimPolicy, identity: string, session: Session) {
    this.#path = path;
    this.#options = options;
    this.#policy = policy;
    this.#identity = identity;
    this.#session = session;
  }

  /** Loads a graph as {@link Session.load} does. */
  static async load(path: string, options: SessionOptions, policy = defaultPolicy): Promise<SelfTrimmingSession> {
    const identity = await identityOf(path);
    return new SelfTrimmingSession(path, options, policy, identity, await Session.load(path, options));
  }

  /** Makes sure of the graph's inputs and outputs as {@link Session.expect} does. */
  expect(graph: string, inputs: readonly string[], outputs: readonly string[]): void {
    this.#session.expect(graph, inputs, outputs);
  }

  /** Each input's axes as in {@link Session.inputShapes}. */
  get inputShapes(): Session['inputShapes'] {
    return this.#session.inputShapes;
  }

  async run(inputs: NamedTensors): Promise<RunResult> {
    clearTimeout(this.#timer);
    this.#running += 1;
    try {
      return await this.#session.run(inputs);
    } finally {
      this.#running -= 1;
      this.#timer = setTimeout(() => void this.#trim(), this.#policy.idleMs).unref();
    }
  }

  async #trim(): Promise<void> {
    const grownBytes = process.memoryUsage.rss() - this.#residentBytes;
    if (grownBytes <= this.#policy.allowanceBytes || (await identityOf(this.#path)) !== this.#identity) {
      return;
    }
    const fresh = await Session.load(this.#path, this.#options);
    if (this.#running > 0) {
      // Work came meanwhile: leave it its session, and try again when that is idle.
      await fresh.release();
      return;
    }
    const old = this.#session;
    this.#session = fresh;
    await old.release();
    this.#residentBytes = process.memoryUsage.rss();
  }
}

/** Tells one state of a graph and the files with its weights from another; empty when the graph is gone. */
async function identityOf(path: string): Promise<string> {
  const found = await stat(path).catch(() => undefined);
  if (found === undefined) return '';
  const data = externalDataFiles(path).map((location) => stat(join(dirname(path), location)).catch(() => undefined));
  const files = [found, ...(await Promise.all(data))];
  return files.map((file) => file && `${file.dev}:${file.ino}:${file.size}:${file.mtimeMs}`).join(' ');
}
