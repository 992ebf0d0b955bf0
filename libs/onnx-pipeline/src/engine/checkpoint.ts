import { createHash } from 'node:crypto';
import type { NamedTensors } from '@darkroom/tensor';
import { tensorToBytes } from '@darkroom/tensor';
import type { TrajectorySnapshot } from '../denoising/trajectory.js';
import type { Usage } from '../pipeline-error.js';

/** What of a request decides its image: two requests with equal facts make the same bytes. */
export interface RequestFacts {
  readonly seed: number;
  readonly width: number;
  readonly height: number;
  readonly steps: number;
  readonly guidanceScale: number;
  /** The solver and spacing that were asked for; "model" where the model's own. */
  readonly solver: string;
  readonly sigmas: string;
  /** Threshold of first-block caching; 0 without. */
  readonly firstBlockCache: number;
  /** {@link tensorsDigest} of each row's conditioning. */
  readonly conditioning: readonly string[];
  /** The picture it starts from; absent where from noise alone. */
  readonly init?: InitFacts | undefined;
}

/** What of a picture to start from decides the image. */
export interface InitFacts {
  readonly strength: number;
  /** {@link tensorsDigest} of its latents, and of the mask if there is one. */
  readonly tensors: string;
}

/** A generation in the middle of its way, as another worker can take it up. */
export interface Checkpoint extends TrajectorySnapshot {
  readonly request: RequestFacts;
  /** Digest of the model. */
  readonly model: string;
  /** What was used up to here, by all workers that had a part in it. */
  readonly usage: Usage;
}

/** Why a checkpoint can't be used. */
export type CheckpointRefusal = 'corrupted' | 'other_model' | 'other_request';

interface Header extends Pick<Checkpoint, 'request' | 'model' | 'usage'> {
  readonly pass: number;
  /** Names and lengths of the tensors that follow, all float32: the latents, the cached residuals, then the solver's memory. */
  readonly tensors: readonly (readonly [name: string, length: number])[];
}

const firstBlockName = 'cached/first_block';
const remainingBlocksName = 'cached/remaining_blocks';

const magic = Buffer.from('DRCP');
const version = 1;
const prefixLength = magic.length + 2 + 4;
const digestLength = 32;

/**
 * Writes a checkpoint as bytes.
 *
 * Layout, little endian: "DRCP", uint16 version, uint32 header length, the header as JSON, the tensors' float32 elements one after
 * another, and the SHA-256 of all that.
 */
export function encodeCheckpoint({ request, model, solver, latents, cached, usage }: Checkpoint): Uint8Array {
  const tensors: (readonly [string, Float32Array])[] = [['latents', latents]];
  if (cached) {
    tensors.push([firstBlockName, cached.firstBlock], [remainingBlocksName, cached.remainingBlocks]);
  }
  tensors.push(...Object.entries(solver.memory));
  const lengths = tensors.map(([name, data]) => [name, data.length] as const);
  const header: Header = { request, model, usage, pass: solver.pass, tensors: lengths };
  const json = Buffer.from(JSON.stringify(header));
  const prefix = Buffer.alloc(prefixLength);
  magic.copy(prefix);
  prefix.writeUInt16LE(version, magic.length);
  prefix.writeUInt32LE(json.length, magic.length + 2);
  const body = Buffer.concat([prefix, json, ...tensors.map(([, data]) => bytesOf(data))]);
  return new Uint8Array(Buffer.concat([body, sha256(body)]));
}

/**
 * Reads a checkpoint for a request to a model.
 *
 * @returns the checkpoint, or why it can't be used: `corrupted` when the bytes are not what {@link encodeCheckpoint} wrote (or a
 *   version this one does not know), `other_model` or `other_request` when it would go on to another image.
 */
export function decodeCheckpoint(
  bytes: Uint8Array,
  expected: { readonly request: RequestFacts; readonly model: string },
): Checkpoint | CheckpointRefusal {
  const read = readHeader(bytes);
  if (read === undefined) {
    return 'corrupted';
  }
  const { header, body, jsonEnd } = read;
  if (header.model !== expected.model) {
    return 'other_model';
  }
  if (factsKey(header.request) !== factsKey(expected.request)) {
    return 'other_request';
  }
  const tensors: Record<string, Float32Array> = {};
  let offset = jsonEnd;
  for (const [name, length] of header.tensors) {
    tensors[name] = floatsOf(body.subarray(offset, offset + length * Float32Array.BYTES_PER_ELEMENT));
    offset += length * Float32Array.BYTES_PER_ELEMENT;
  }
  const { latents, [firstBlockName]: firstBlock, [remainingBlocksName]: remainingBlocks, ...memory } = tensors;
  const cached = firstBlock && remainingBlocks && { firstBlock, remainingBlocks };
  const { request, model, usage, pass } = header;
  return { request, model, usage, solver: { pass, memory }, latents: latents as Float32Array, cached };
}

/** Reads what had been used of the device at a checkpoint of any request and model; undefined when it is corrupted. */
export function checkpointUsage(bytes: Uint8Array): Usage | undefined {
  return readHeader(bytes)?.header.usage;
}

function readHeader(bytes: Uint8Array): { readonly header: Header; readonly body: Buffer; readonly jsonEnd: number } | undefined {
  const all = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const body = all.subarray(0, Math.max(0, all.length - digestLength));
  const intact =
    body.length >= prefixLength &&
    sha256(body).equals(all.subarray(body.length)) &&
    body.subarray(0, magic.length).equals(magic) &&
    body.readUInt16LE(magic.length) === version;
  if (!intact) {
    return undefined;
  }
  // What follows is as it was written, the digest says so.
  const jsonEnd = prefixLength + body.readUInt32LE(magic.length + 2);
  return { header: JSON.parse(body.toString('utf8', prefixLength, jsonEnd)) as Header, body, jsonEnd };
}

/** Names the content of tensors, such as a prompt's conditioning: SHA-256 over names, types, shapes and elements. */
export function tensorsDigest(tensors: NamedTensors): string {
  const hash = createHash('sha256');
  for (const [name, value] of Object.entries(tensors).sort(([a], [b]) => (a < b ? -1 : 1))) {
    hash.update(`${name}:${value.dataType}[${value.shape.join(',')}]`).update(tensorToBytes(value));
  }
  return `sha256:${hash.digest('hex')}`;
}

/** Facts in one spelling, whatever the order of their keys. */
function factsKey(facts: RequestFacts): string {
  // Checkpoints from before there was caching don't say that they are without.
  const { seed, width, height, steps, guidanceScale, solver, sigmas, firstBlockCache = 0, conditioning, init } = facts;
  const start = init ? [init.strength, init.tensors] : [];
  return JSON.stringify([seed, width, height, steps, guidanceScale, solver, sigmas, firstBlockCache, conditioning, start]);
}

function bytesOf(floats: Float32Array): Uint8Array {
  return new Uint8Array(floats.buffer, floats.byteOffset, floats.byteLength);
}

/** Copies, since a slice of a file is rarely aligned. */
function floatsOf(bytes: Uint8Array): Float32Array {
  return new Float32Array(new Uint8Array(bytes).buffer);
}

function sha256(bytes: Uint8Array): Buffer {
  return createHash('sha256').update(bytes).digest();
}
