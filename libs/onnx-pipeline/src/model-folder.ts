import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { basename, join, posix, resolve } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { externalDataFiles } from './graph/external-data.js';
import { PipelineError } from './pipeline-error.js';

/** The parts of a model, each a folder of its own, as in a diffusers pipeline. */
export type Component = 'tokenizer' | 'text_encoder' | 'transformer' | 'vae_encoder' | 'vae_decoder' | 'scheduler';

/** A component, or a single file of one by its slash-separated path. */
export type ModelPart = Component | `${Component}/${string}`;

/** The number format of a graph's weights and arithmetic, and so which of a component's graphs is meant. */
export type Precision = 'fp32' | 'fp16';

/** A component's graph by precision, as exporters name them; weights outside of it lie in files whose names begin with the graph's. */
const graphNames: Readonly<Record<Precision, string>> = { fp32: 'model.onnx', fp16: 'model_fp16.onnx' };

const graphComponents: ReadonlySet<string> = new Set(['text_encoder', 'transformer', 'vae_encoder', 'vae_decoder']);

const digestPattern = /^sha256:[0-9a-f]{64}$/;

/**
 * A model on disk: the diffusers folder layout with ONNX files, plus `digests.json`, the SHA-256 of every file. A component's graph is
 * `model.onnx`; a half-precision one lies beside it, or in its place, as `model_fp16.onnx`.
 *
 * Opening reads the index and the digests only; {@link ModelFolder.verify} reads the files themselves.
 */
export class ModelFolder {
  readonly path: string;
  /** Content of `model_index.json`. */
  readonly index: Readonly<Record<string, unknown>>;
  /** Digest by path within the folder, slash separated. */
  readonly digests: ReadonlyMap<string, string>;
  /** Digest of `digests.json`, and so of the whole model: what receipts quote. */
  readonly digest: string;

  private constructor(
    path: string,
    index: Readonly<Record<string, unknown>>,
    digests: ReadonlyMap<string, string>,
    digest: string,
  ) {
    this.path = path;
    this.index = index;
    this.digests = digests;
    this.digest = digest;
  }

  /**
   * Opens a model folder.
   *
   * @throws PipelineError `model_damaged` when `model_index.json` or `digests.json` is missing or malformed.
   */
  static async open(path: string): Promise<ModelFolder> {
    const absolute = resolve(path);
    const index = parseObject(await readModelFile(absolute, 'model_index.json'), 'model_index.json');
    const digestBytes = await readModelFile(absolute, 'digests.json');
    return new ModelFolder(absolute, index, parseDigests(digestBytes), `sha256:${sha256(digestBytes)}`);
  }

  /** The folder's name, by which clients ask for the model. */
  get name(): string {
    return basename(this.path);
  }

  /** The family's class name in `model_index.json`, for instance "PocketPipeline". */
  get className(): string {
    return String(this.index._class_name);
  }

  /** Names the class and the listed content of parts: folders with equal ones hold the same there, if their files are what they should be. */
  partsDigest(parts: readonly ModelPart[]): string {
    const listed = parts.flatMap((part) => this.#filesOf(part)).map((file) => `${file} ${this.digests.get(file)}`);
    return sha256(new TextEncoder().encode([this.className, ...listed].join('\n')));
  }

  /** Returns the absolute path of a component's graph. */
  graphPath(component: Component, precision: Precision = 'fp32'): string {
    return join(this.path, component, graphNames[precision]);
  }

  /**
   * Reads a JSON file of the folder, given its slash-separated path within it.
   *
   * @throws PipelineError `model_damaged` when it is missing or no JSON object.
   */
  async readJson(file: string): Promise<Readonly<Record<string, unknown>>> {
    return parseObject(await readModelFile(this.path, file), file);
  }

  /**
   * Checks the bytes of the index and of the given parts against `digests.json`.
   *
   * A stage verifies what it runs, so that a large model is not read whole by each of its services: of a component's graphs, the one of the
   * given precision, with every file in which that keeps its weights.
   *
   * @param parts components, or single files of one.
   * @throws PipelineError `model_damaged` naming the graphs that there are not in that precision, or every file that is missing, altered or
   *   without a digest, with both digests.
   */
  async verify(parts: readonly ModelPart[], precision: Precision = 'fp32'): Promise<void> {
    const graphs = parts.filter((part) => graphComponents.has(part)).map((part) => `${part}/${graphNames[precision]}`);
    const absent = graphs.filter((graph) => !this.digests.has(graph));
    if (absent.length > 0) {
      throw PipelineError.modelDamaged(
        `model ${this.name} has no ${precision} graph: ${absent.join(', ')} is not in digests.json`,
      );
    }
    const findings: string[] = [];
    const files = new Set<string>();
    for (const part of ['model_index.json', ...parts]) {
      const listed = this.#filesOf(part).filter((file) => !isOtherPrecision(file, precision));
      if (listed.length === 0) {
        findings.push(`${part} has no digest in digests.json`);
      }
      for (const file of listed) files.add(file);
    }
    // Grows while it is gone through: a graph says where its weights are.
    for (const file of files) {
      const expected = this.digests.get(file);
      const path = join(this.path, file);
      const actual = await fileDigest(path);
      if (actual !== expected) {
        findings.push(`${file} should be ${expected} but ${actual === undefined ? 'is missing' : `is ${actual}`}`);
        continue;
      }
      for (const location of file.endsWith('.onnx') ? externalDataFiles(path) : []) {
        const data = posix.join(posix.dirname(file), location);
        if (this.digests.has(data)) files.add(data);
        else findings.push(`${data} holds weights of ${file} and has no digest in digests.json`);
      }
    }
    if (findings.length > 0) {
      throw PipelineError.modelDamaged(`model ${this.name} is damaged: ${findings.join('; ')}`);
    }
  }

  #filesOf(part: string): string[] {
    return [...this.digests.keys()].filter((file) => file === part || file.startsWith(`${part}/`));
  }
}

/** Tells whether a file is a graph of another precision, or holds the weights of one. */
function isOtherPrecision(file: string, precision: Precision): boolean {
  const names = Object.entries(graphNames).filter(([name]) => name !== precision);
  return names.some(([, graph]) => posix.basename(file).startsWith(graph));
}

/** Hashes a file as a stream, since weights may be larger than memory; undefined when there is no such file. */
async function fileDigest(path: string): Promise<string | undefined> {
  const hash = createHash('sha256');
  try {
    await pipeline(createReadStream(path, { highWaterMark: 1024 * 1024 }), hash);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') {
      return undefined;
    }
    throw error;
  }
  return `sha256:${hash.digest('hex')}`;
}

function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

async function readModelFile(folder: string, file: string): Promise<Uint8Array> {
  try {
    return await readFile(join(folder, file));
  } catch (error) {
    throw PipelineError.modelDamaged(`model folder ${basename(folder)} has no readable ${file}`, error);
  }
}

function parseObject(bytes: Uint8Array, file: string): Readonly<Record<string, unknown>> {
  let parsed: unknown;
  try {
    parsed = JSON.parse(new TextDecoder().decode(bytes));
  } catch (error) {
    throw PipelineError.modelDamaged(`${file} is not valid JSON`, error);
  }
  if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed)) {
    throw PipelineError.modelDamaged(`${file} must hold a JSON object`);
  }
  return parsed as Record<string, unknown>;
}

function parseDigests(bytes: Uint8Array): ReadonlyMap<string, string> {
  const { files } = parseObject(bytes, 'digests.json');
  if (typeof files !== 'object' || files === null) {
    throw PipelineError.modelDamaged('digests.json must have an object "files"');
  }
  const digests = new Map<string, string>();
  for (const [file, digest] of Object.entries(files)) {
    if (typeof digest !== 'string' || !digestPattern.test(digest)) {
      throw PipelineError.modelDamaged(`digests.json: ${file} must have a digest "sha256:<64 hex digits>"`);
    }
    digests.set(file, digest);
  }
  return digests;
}
