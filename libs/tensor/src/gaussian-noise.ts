import { exactCosSinOfTurn, exactLog } from './exact-math.js';
import { type Block, philox4x32 } from './philox.js';
import { elementCount, type Shape, type Tensor, tensor } from './tensor.js';

/** The largest seed; seeds are unsigned 32-bit. */
export const maxSeed = 0xffff_ffff;

/**
 * Draws standard Gaussian noise, the same bits for the same seed and shape on every machine.
 *
 * Elements 4n to 4n+3, in row-major order, come from Philox block n: counter (n, 0, 0, 0), key (seed, 0). Its words w become
 * uniforms (w + 1/2) / 2^32, and each pair of them two normals by Box and Muller (1958): radius sqrt(-2 ln u0), angle 2 pi u1,
 * cosine first. Computed in doubles with {@link exactLog} and its sisters, then rounded to float32.
 *
 * @param seed a uint32.
 * @param shape any; images of one generation draw from consecutive seeds, so the batch axis is 1.
 * @returns float32 of that shape.
 * @throws RangeError when the seed is not a uint32, or the shape needs more than 2^32 blocks.
 */
export function gaussianNoise(seed: number, shape: Shape): Tensor<'float32'> {
  if (!Number.isInteger(seed) || seed < 0 || seed > maxSeed) {
    throw new RangeError(`a seed is a whole number from 0 to ${maxSeed}, not ${seed}`);
  }
  const data = new Float32Array(elementCount(shape));
  if (data.length > 4 * maxSeed) {
    throw new RangeError(`noise of shape [${shape.join(', ')}] is larger than one seed can fill`);
  }
  const block: Block = [0, 0, 0, 0];
  const cosSin = new Float64Array(2);
  for (let start = 0, index = 0; start < data.length; start += 4, index++) {
    block[0] = index;
    block[1] = 0;
    block[2] = 0;
    block[3] = 0;
    philox4x32(block, seed, 0);
    for (let pair = 0; pair < 4; pair += 2) {
      const radius = Math.sqrt(-2 * exactLog(uniform(block[pair] as number)));
      exactCosSinOfTurn(uniform(block[pair + 1] as number), cosSin);
      // Writes past the end of the last, partial block fall off a typed array silently.
      data[start + pair] = radius * (cosSin[0] as number);
      data[start + pair + 1] = radius * (cosSin[1] as number);
    }
  }
  return tensor('float32', shape, data);
}

/** Maps a word to the middle of its interval in (0, 1): never 0, whose logarithm is infinite. */
function uniform(word: number): number {
  return (word + 0.5) / 0x1_0000_0000;
}
