import { bandwidth } from './spectrum.js';

/** A spectrum in which the picture's strong coefficients don't drown the others. */
export interface RelativeSpectrum {
  /** float32 [80, 80]: the coefficients, limited and weighted. */
  readonly values: Float32Array;
  /** float32 [80, 80]: what each was multiplied by. */
  readonly weights: Float32Array;
}

/** Coefficients count at most so many times their neighbourhood's mean: lines and edges stand out of it. */
const mostRelative = 2.5;

/** What rounding and compression add to coefficients of a picture of 8 bits; where the picture has nothing, they are all there is. */
const noise = 6;

/**
 * Weights a spectrum by its neighbourhoods' mean magnitude m, by 1 / (m^1.5 + noise^1.5).
 *
 * 1 / m makes all coefficients alike, 1 / m² is the matched filter for a mark of even strength in noise of deviation m; compression, which
 * erases faint coefficients, makes what lies between the best, as measured.
 */
export function relativeSpectrum(spectrum: Float32Array): RelativeSpectrum {
  const weights = new Float32Array(spectrum.length);
  const values = spectrum.map((value, place) => {
    const mean = neighbourhoodMean(spectrum, place);
    const weight = 1 / (mean ** 1.5 + noise ** 1.5);
    weights[place] = weight;
    return Math.max(-mostRelative * mean, Math.min(mostRelative * mean, value)) * weight;
  });
  return { values, weights };
}

/** Mean magnitude of the 5x5 coefficients around one. */
function neighbourhoodMean(spectrum: Float32Array, place: number): number {
  const [v, u] = [Math.floor(place / bandwidth), place % bandwidth];
  let [sum, count] = [0, 0];
  for (let j = Math.max(0, v - 2); j <= Math.min(bandwidth - 1, v + 2); j++) {
    for (let i = Math.max(0, u - 2); i <= Math.min(bandwidth - 1, u + 2); i++) {
      sum += Math.abs(spectrum[j * bandwidth + i] as number);
      count += 1;
    }
  }
  return sum / count;
}
