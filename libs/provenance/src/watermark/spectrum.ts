/**
 * The low end of a canonical picture's spectrum, by the orthonormal DCT-II.
 *
 * N. Ahmed, T. Natarajan, K. R. Rao, "Discrete Cosine Transform", IEEE Transactions on Computers C-23 (1974). Only so few coefficients are
 * needed that products with the basis are as fast as a fast transform; its symmetry about the middle of the picture halves them.
 */
import { canonicalSide as side } from './canonical.js';

/** Coefficients kept along each axis: those of fewer than 80 half waves over the picture. */
export const bandwidth = 80;

const half = side / 2;

/** Coefficients taken at a time, four even ones and then four odd ones: each sample is read once for four products, which don't wait for each other. */
const lanes = 8;

/**
 * basis[u, x] for x in the left half of the picture; it is even about the middle for even u, else odd.
 *
 * Rounded to float32, and held as float64, which saves converting each value at each use.
 */
const basis = Float64Array.from({ length: bandwidth * half }, (_, i) => {
  const [u, x] = [Math.floor(i / half), i % half];
  return Math.fround(Math.sqrt((u === 0 ? 1 : 2) / side) * Math.cos((Math.PI * (2 * x + 1) * u) / (2 * side)));
});

/**
 * Transforms a canonical picture.
 *
 * @param picture float32 [256, 256].
 * @returns float32 [80, 80]: [v, u] with v down and u across.
 */
export function spectrumOf(picture: Float32Array): Float32Array {
  // Across first, then down: [y, x] -> [u, y] -> [u, v], written as [v, u].
  return transposedProduct(transposedProduct(picture, side), bandwidth);
}

/** Transforms each row of [rows, 256] to 80 coefficients, and returns them as [80, rows]. */
function transposedProduct(rows: Float32Array, count: number): Float32Array {
  const folded = new Float32Array(side);
  const result = new Float32Array(bandwidth * count);
  for (let row = 0; row < count; row++) {
    fold(rows, row * side, folded);
    for (let u = 0; u < bandwidth; u += lanes) {
      takeFour(folded, u, result, row, count);
      takeFour(folded, u + 1, result, row, count);
    }
  }
  return result;
}

// The inner loops are functions of their own, so that V8 optimizes them when they have been called some times: a loop of a function that
// is called twice a picture it replaces while it runs, and takes that back at each of its ends.

/** Writes a row's even part about its middle, and after it the odd one. */
function fold(rows: Float32Array, at: number, folded: Float32Array): void {
  for (let x = 0, left = at, right = at + side - 1; x < half; x++, left++, right--) {
    folded[x] = (rows[left] as number) + (rows[right] as number);
    folded[half + x] = (rows[left] as number) - (rows[right] as number);
  }
}

/** Takes the coefficients u, u + 2, u + 4 and u + 6 of a row. */
function takeFour(folded: Float32Array, u: number, result: Float32Array, row: number, count: number): void {
  const source = u % 2 === 0 ? 0 : half;
  let [a, b, c, d] = [0, 0, 0, 0];
  for (let x = 0, at = u * half; x < half; x++, at++) {
    const sample = folded[source + x] as number;
    a += (basis[at] as number) * sample;
    b += (basis[at + 2 * half] as number) * sample;
    c += (basis[at + 4 * half] as number) * sample;
    d += (basis[at + 6 * half] as number) * sample;
  }
  result[u * count + row] = a;
  result[(u + 2) * count + row] = b;
  result[(u + 4) * count + row] = c;
  result[(u + 6) * count + row] = d;
}

/**
 * Makes a picture of a spectrum; what was left out of the spectrum is left out of the picture.
 *
 * @param spectrum float32 [80, 80].
 * @returns float32 [256, 256].
 */
export function pictureOf(spectrum: Float32Array): Float32Array {
  // Down first, then across: [v, u] -> [u, y], then -> [y, x].
  return transposedSynthesis(transposedSynthesis(spectrum, bandwidth), side);
}

/** Makes, of [80, columns], each column's 256 samples, and returns them as [columns, 256]. */
function transposedSynthesis(spectrum: Float32Array, columns: number): Float32Array {
  const result = new Float32Array(columns * side);
  // Rounded to float32 likewise.
  const even = new Float64Array(half);
  const odd = new Float64Array(half);
  for (let column = 0; column < columns; column++) {
    even.fill(0);
    odd.fill(0);
    for (let v = 0; v < bandwidth; v += lanes) {
      addFour(even, spectrum, v, column, columns);
      addFour(odd, spectrum, v + 1, column, columns);
    }
    unfold(even, odd, result, column * side);
  }
  return result;
}

/** Adds what the coefficients v, v + 2, v + 4 and v + 6 of a column are worth. */
function addFour(sum: Float64Array, spectrum: Float32Array, v: number, column: number, columns: number): void {
  const a = spectrum[v * columns + column] as number;
  const b = spectrum[(v + 2) * columns + column] as number;
  const c = spectrum[(v + 4) * columns + column] as number;
  const d = spectrum[(v + 6) * columns + column] as number;
  for (let y = 0, at = v * half; y < half; y++, at++) {
    // Each sum is rounded as if it were written down: a picture that is made again must be the same to the bit, by any version.
    const first = Math.fround((sum[y] as number) + a * (basis[at] as number));
    const second = Math.fround(first + b * (basis[at + 2 * half] as number));
    const third = Math.fround(second + c * (basis[at + 4 * half] as number));
    sum[y] = Math.fround(third + d * (basis[at + 6 * half] as number));
  }
}

/** Writes a row of its even and its odd part. */
function unfold(even: Float64Array, odd: Float64Array, rows: Float32Array, at: number): void {
  for (let x = 0, left = at, right = at + side - 1; x < half; x++, left++, right--) {
    rows[left] = (even[x] as number) + (odd[x] as number);
    rows[right] = (even[x] as number) - (odd[x] as number);
  }
}
