import { type DataType, elementCount, gaussianNoise, type NamedTensors, sameShape, type Tensor } from '@darkroom/tensor';
import type { ConditioningPadding } from '../families/family.js';
import { PipelineError } from '../pipeline-error.js';

/** The axes of each conditioning tensor as the graph declares them: the batch first, and a name where a length is free. */
export type ConditioningShapes = Readonly<Record<string, readonly (number | string)[]>>;

/**
 * Makes sure that a prompt's conditioning is what the transformer takes, so that a bad one fails before it joins a batch.
 *
 * @throws PipelineError `invalid_argument` for "conditioning" when a tensor is missing, unknown, of another type or shape, not of batch
 *   1, or has an element that is no finite number; or when what is to be padded has no length or several.
 */
export function checkConditioning(conditioning: NamedTensors, shapes: ConditioningShapes, padding?: ConditioningPadding): void {
  for (const name of new Set([...Object.keys(shapes), ...Object.keys(conditioning)])) {
    const [axes, value] = [shapes[name], conditioning[name]];
    if (axes === undefined || value === undefined) {
      throw PipelineError.invalidArgument('conditioning', `${name} is ${axes === undefined ? 'no' : 'a missing'} conditioning`);
    }
    const wanted = axes.map((axis, i) => (i === 0 ? 1 : typeof axis === 'number' ? axis : (value.shape[i] ?? 0)));
    const dataType: DataType = name === padding?.mask ? padding.maskType : 'float32';
    if (value.dataType !== dataType || !sameShape(value.shape, wanted) || value.data.length !== elementCount(wanted)) {
      const described = [1, ...axes.slice(1)].join(', ');
      throw PipelineError.invalidArgument(
        'conditioning',
        `${name} must be ${dataType} of shape [${described}], not ${value.dataType} of [${value.shape.join(', ')}]`,
      );
    }
    if (value.dataType === 'float32' && !(value.data as Float32Array).every(Number.isFinite)) {
      throw PipelineError.invalidArgument('conditioning', `${name} has an element that is not finite`);
    }
  }
  if (padding) {
    checkSequences(conditioning, padding);
  }
}

function checkSequences(conditioning: NamedTensors, { sequences, mask }: ConditioningPadding): void {
  const names = conditioning[mask] === undefined ? sequences : [...sequences, mask];
  const lengths = names.map((name) => conditioning[name]?.shape[1]);
  if (new Set(lengths).size > 1 || lengths[0] === 0) {
    throw PipelineError.invalidArgument(
      'conditioning',
      `${names.join(' and ')} must be of one length, at least 1, not ${lengths.join(' and ')}`,
    );
  }
}

/** Names the shapes of a conditioning: rows of equal ones can be stacked. */
export function shapesKey(conditioning: NamedTensors): string {
  const names = Object.keys(conditioning).sort();
  return names.map((name) => (conditioning[name] as Tensor).shape.slice(1).join('x')).join('|');
}

/**
 * Makes conditioning that looks like a prompt's to the kernels, for warm-up, without a mask.
 *
 * @param length where the graph leaves it free.
 */
export function noiseConditioning(shapes: ConditioningShapes, seed: number, length: number): NamedTensors {
  const noise = Object.entries(shapes).map(([name, axes], i) => {
    const shape = axes.map((axis, position) => (position === 0 ? 1 : typeof axis === 'number' ? axis : length));
    return [name, gaussianNoise(seed + i, shape)];
  });
  return Object.fromEntries(noise);
}
