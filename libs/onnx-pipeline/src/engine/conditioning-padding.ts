import { needsGuidance } from '@darkroom/flow-matching';
import { type DataType, elementCount, elementSize, type NamedTensors, type Tensor, tensor, viewAs } from '@darkroom/tensor';
import type { ConditioningPadding } from '../families/family.js';
import { PipelineError } from '../pipeline-error.js';
import { type ConditioningShapes, shapesKey } from './conditioning.js';
import { conditioningRows, type DenoiseRequest } from './denoise-request.js';

/** Tokens that the transformer attends to in all rows of a request. */
export interface TokenCount {
  /** Of the image and of the text, padding included. */
  readonly all: number;
  /** Of the text, those that are masked. */
  readonly padding: number;
}

/**
 * Brings the rows of a request to one length at which it can share batches: the longer row's, rounded up to the family's granularity.
 *
 * The length depends on the request alone and never on its company, since another length may mean other bits.
 *
 * @param request whose conditioning has been checked.
 * @param padding absent where the family's conditioning has one length anyway: then nothing is changed.
 * @throws PipelineError `invalid_argument` for "conditioning" when the prompt's and the negative prompt's shapes still differ.
 */
export function padConditioning(request: DenoiseRequest, padding: ConditioningPadding | undefined): DenoiseRequest {
  const given = conditioningRows(request);
  const rows = padding === undefined ? given : padRows(given, padding);
  if (new Set(rows.map(shapesKey)).size > 1) {
    throw PipelineError.invalidArgument(
      'conditioning',
      'the prompt and the negative prompt must have conditioning of equal shapes',
    );
  }
  if (padding === undefined) return request;
  const [negativeConditioning, conditioning] = needsGuidance(request.guidanceScale) ? rows : [undefined, rows[0]];
  return { ...request, conditioning: conditioning as NamedTensors, negativeConditioning };
}

/**
 * Pads conditioning with zeros to one length, the next multiple of the granularity, and adds the mask or extends it.
 *
 * @param rows each with all its sequences of one length, at least 1.
 */
export function padRows(rows: readonly NamedTensors[], padding: ConditioningPadding): readonly NamedTensors[] {
  const { sequences, mask, maskType, granularity } = padding;
  const longest = Math.max(...rows.map((row) => lengthOf(row, padding)));
  const length = Math.ceil(longest / granularity) * granularity;
  return rows.map((row) => {
    const real = row[mask] ?? ones(maskType, lengthOf(row, padding));
    const padded = sequences.map((name) => [name, padSequence(row[name] as Tensor, length)] as const);
    return { ...row, ...Object.fromEntries(padded), [mask]: padSequence(real, length) };
  });
}

/** Counts the tokens of rows as {@link padRows} leaves them; where nothing is padded, those of the image alone. */
export function countTokens(
  rows: readonly NamedTensors[],
  imageTokens: number,
  padding: ConditioningPadding | undefined,
): TokenCount {
  const masks = rows.flatMap((row) => Array.from((padding && row[padding.mask]?.data) ?? [], Number));
  return { all: rows.length * imageTokens + masks.length, padding: masks.filter((value) => value === 0).length };
}

/**
 * Makes sure that a graph takes what its family pads.
 *
 * @throws PipelineError `model_damaged` naming the input whose length is fixed.
 */
export function checkPadding({ sequences, mask }: ConditioningPadding, inputShapes: ConditioningShapes): void {
  const fixed = [...sequences, mask].find((name) => typeof inputShapes[name]?.[1] !== 'string');
  if (fixed !== undefined) {
    throw PipelineError.modelDamaged(`transformer/model.onnx: the second axis of ${fixed} must be of any length`);
  }
}

function lengthOf(row: NamedTensors, { sequences }: ConditioningPadding): number {
  return row[sequences[0] as string]?.shape[1] as number;
}

function ones(dataType: ConditioningPadding['maskType'], length: number): Tensor {
  return dataType === 'int64'
    ? tensor('int64', [1, length], new BigInt64Array(length).fill(1n))
    : tensor('float32', [1, length], new Float32Array(length).fill(1));
}

/** Appends zeros along the second axis of a tensor of batch 1, which is at its end. */
function padSequence({ dataType, shape, data }: Tensor, length: number): Tensor {
  const padded = [1, length, ...shape.slice(2)];
  const zeros = viewAs(dataType, new ArrayBuffer(elementCount(padded) * elementSize(dataType))) as Tensor<DataType>['data'];
  (zeros as Float32Array).set(data as Float32Array);
  return tensor(dataType, padded, zeros);
}
