/**
 * IEEE 754 binary16, kept as raw bit patterns in a Uint16Array: ONNX Runtime for Node wants them so, and Node 24's own
 * Float16Array breaks it.
 */
import { type Tensor, tensor } from './tensor.js';

const scratch = new Float32Array(1);
const scratchBits = new Uint32Array(scratch.buffer);

/** What each of the 65,536 patterns stands for; filled when a tensor is first expanded, a quarter of a megabyte. */
let expanded: Float32Array | undefined;

/** Rounds a number to the nearest half-precision value, ties to even, and returns its 16 bits. */
export function toFloat16Bits(value: number): number {
  scratch[0] = value;
  return roundBits(scratchBits[0] as number);
}

/** Rounds the 32 bits of a single-precision number to 16 of half precision. */
function roundBits(bits: number): number {
  const sign = (bits >>> 16) & 0x8000;
  const exponent = (bits >>> 23) & 0xff;
  const mantissa = bits & 0x7fffff;

  if (exponent === 0xff) {
    return sign | (mantissa === 0 ? 0x7c00 : 0x7e00);
  }
  // 112 is the difference of the two exponent biases, 127 - 15.
  const halfExponent = exponent - 112;
  if (halfExponent >= 31) {
    return sign | 0x7c00;
  }
  if (halfExponent <= 0) {
    // Subnormal: the implicit leading bit becomes explicit and shifts out to the right. The rounding below may
    // carry into the smallest normal number, whose bit pattern is exactly the next one.
    return halfExponent < -10 ? sign : sign | roundShift(mantissa | 0x800000, 14 - halfExponent);
  }
  // A carry out of the mantissa raises the exponent, up to infinity, which is the right rounding too.
  return sign | ((halfExponent << 10) + roundShift(mantissa, 13));
}

/** Expands 16 bits of half precision to the number they stand for. */
export function fromFloat16Bits(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >>> 10) & 0x1f;
  const mantissa = bits & 0x3ff;
  if (exponent === 31) {
    return mantissa === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
  }
  return exponent === 0 ? sign * mantissa * 2 ** -24 : sign * (1 + mantissa / 1024) * 2 ** (exponent - 15);
}

/** Rounds a float32 tensor to float16; half the bytes, about three decimal digits. */
export function toFloat16(value: Tensor<'float32'>): Tensor<'float16'> {
  const data = new Uint16Array(value.data.length);
  const bits = new Uint32Array(value.data.buffer, value.data.byteOffset, value.data.length);
  for (let i = 0; i < data.length; i++) {
    data[i] = roundBits(bits[i] as number);
  }
  return tensor('float16', value.shape, data);
}

/** Expands a float16 tensor to float32, exactly. */
export function toFloat32(value: Tensor<'float16'>): Tensor<'float32'> {
  expanded ??= Float32Array.from({ length: 0x1_0000 }, (_, bits) => fromFloat16Bits(bits));
  const data = new Float32Array(value.data.length);
  for (let i = 0; i < data.length; i++) {
    data[i] = expanded[value.data[i] as number] as number;
  }
  return tensor('float32', value.shape, data);
}

/** Divides by 2^shift, rounding to nearest, ties to even. */
function roundShift(value: number, shift: number): number {
  const floor = value >>> shift;
  const remainder = value & ((1 << shift) - 1);
  const half = 1 << (shift - 1);
  return remainder > half || (remainder === half && (floor & 1) === 1) ? floor + 1 : floor;
}
