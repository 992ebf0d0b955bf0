/**
 * Philox4x32-10, a counter-based random number generator.
 *
 * Salmon, Moraes, Dror and Shaw, "Parallel Random Numbers: As Easy as 1, 2, 3" (SC 2011). The n-th block of numbers is a
 * pure function of the key and n: there is no state to carry, so a resumed or reordered generation draws the same noise.
 */

const rounds = 10;
const multiplier0 = 0xd2511f53;
const multiplier1 = 0xcd9e8d57;
/** Weyl constants that bump the key each round: the golden ratio's and the square root of three's fractions. */
const bump0 = 0x9e3779b9;
const bump1 = 0xbb67ae85;

/** Four unsigned 32-bit words. */
export type Block = [number, number, number, number];

/**
 * Encrypts one 128-bit counter under a 64-bit key to four uniformly distributed words.
 *
 * @param counter four uint32 words, least significant first; replaced by the result, so that a caller in a loop allocates nothing.
 */
export function philox4x32(counter: Block, key0: number, key1: number): Block {
  let [c0, c1, c2, c3] = counter;
  let k0 = key0 >>> 0;
  let k1 = key1 >>> 0;
  for (let round = 0; round < rounds; round++) {
    const high0 = multiplyHigh(multiplier0, c0);
    const low0 = Math.imul(multiplier0, c0) >>> 0;
    const high1 = multiplyHigh(multiplier1, c2);
    const low1 = Math.imul(multiplier1, c2) >>> 0;
    c0 = (high1 ^ c1 ^ k0) >>> 0;
    c1 = low1;
    c2 = (high0 ^ c3 ^ k1) >>> 0;
    c3 = low0;
    k0 = (k0 + bump0) >>> 0;
    k1 = (k1 + bump1) >>> 0;
  }
  counter[0] = c0;
  counter[1] = c1;
  counter[2] = c2;
  counter[3] = c3;
  return counter;
}

/** Returns the upper 32 bits of the 64-bit product of two uint32, from 16-bit halves that doubles hold exactly. */
function multiplyHigh(a: number, b: number): number {
  const aLow = a & 0xffff;
  const aHigh = a >>> 16;
  const bLow = b & 0xffff;
  const bHigh = b >>> 16;
  const middle = aHigh * bLow + Math.floor((aLow * bLow) / 0x10000);
  const carry = aLow * bHigh + (middle % 0x10000);
  return (aHigh * bHigh + Math.floor(middle / 0x10000) + Math.floor(carry / 0x10000)) >>> 0;
}
