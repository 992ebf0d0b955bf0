/** Element types a tensor may have; the names are ONNX Runtime's. */
export type DataType = 'float32' | 'float16' | 'int64';

/** The typed array that holds each element type; float16 travels as its raw 16-bit patterns. */
export interface TensorData {
  float32: Float32Array;
  float16: Uint16Array;
  int64: BigInt64Array;
}

const bytesPerElement: Record<DataType, number> = { float32: 4, float16: 2, int64: 8 };

const arrayTypes = { float32: Float32Array, float16: Uint16Array, int64: BigInt64Array };

/** Returns how many bytes one element of the type takes. */
export function elementSize(dataType: DataType): number {
  return bytesPerElement[dataType];
}

/** Views a whole buffer as elements of the type, without copying. */
export function viewAs<T extends DataType>(dataType: T, buffer: ArrayBufferLike): TensorData[T] {
  return new arrayTypes[dataType](buffer as ArrayBuffer) as TensorData[T];
}
