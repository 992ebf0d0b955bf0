export { type DataType, elementSize, type TensorData, viewAs } from './data-type.js';
export { fromFloat16Bits, toFloat16, toFloat16Bits, toFloat32 } from './float16.js';
export { gaussianNoise, maxSeed } from './gaussian-noise.js';
export { philox4x32 } from './philox.js';
export {
  elementCount,
  expectDataType,
  type NamedTensors,
  type Shape,
  sameShape,
  type Tensor,
  tensor,
  tensorFromBytes,
  tensorToBytes,
} from './tensor.js';
