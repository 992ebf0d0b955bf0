import { addPattern } from './add-pattern.js';
import { canonicalLuma, canonicalSide, type RgbPixels, resample } from './canonical.js';
import { codewordChips, decodePayload, encodePayload } from './payload-code.js';
import { type RelativeSpectrum, relativeSpectrum } from './relative-spectrum.js';
import { pictureOf, spectrumOf } from './spectrum.js';
import { type Carriers, type Spreading, spreadingOf } from './spreading.js';

/** What a picture says about its mark. */
export interface Detection {
  /** Whether the picture carries this key's mark. */
  readonly detected: boolean;
  /** The pilot's normalised correlation: about normal with mean 0 and deviation 1 for a picture without the mark. */
  readonly score: number;
  /** The 32 bits it carries, unsigned; undefined when it is not detected, or too faint to read. */
  readonly payload: number | undefined;
}

/** Score from which a picture counts as marked. */
export const detectionThreshold = 5.3;

/**
 * How often at most a picture that was made without the key counts as marked.
 *
 * The score is a sum of the key's random signs with weights from the picture, whose squares sum to one. By Hoeffding's inequality it is at
 * least t with a probability of at most exp(-t²/2), whatever the picture: W. Hoeffding, "Probability Inequalities for Sums of Bounded Random
 * Variables", Journal of the American Statistical Association 58 (1963).
 */
export const falsePositiveBound = Math.exp(-(detectionThreshold ** 2) / 2);

/** Peak signal-to-noise ratio of the marked picture, in dB: what the mark takes. */
export const markPsnr = 38.5;

/** Marks pictures and finds its marks; a trained model can stand in for {@link Watermark}. */
export interface PictureMark {
  /** Marks a picture with 32 bits; returns new pixels. */
  mark(picture: RgbPixels, payload: number): Uint8Array;
  /** Looks for the mark. */
  detect(picture: RgbPixels): Detection;
}

/**
 * An invisible mark in a picture's pixels, which a secret key puts in and finds.
 *
 * Spread spectrum in the whole picture's DCT (I. J. Cox et al., "Secure Spread Spectrum Watermarking for Multimedia", IEEE Transactions on
 * Image Processing 6, 1997), taken at a canonical size, where a resized picture has the same coefficients. As far as the picture itself
 * speaks against the mark, that is taken off when it is put in (H. S. Malvar, D. A. F. Florêncio, "Improved Spread Spectrum", IEEE
 * Transactions on Signal Processing 51, 2003).
 */
export class Watermark implements PictureMark {
  private readonly spreading: Spreading;

  /**
   * @param key a secret of at least 16 bytes.
   * @throws {RangeError} Thrown when the key is shorter.
   */
  constructor(key: Uint8Array) {
    if (key.length < 16) throw new RangeError('the key of a watermark must have at least 16 bytes');
    this.spreading = spreadingOf(key);
  }

  /**
   * Marks a picture; the same picture, payload and key give the same pixels.
   *
   * @param payload an unsigned integer of 32 bits.
   * @returns uint8 [height, width, 3].
   */
  mark(picture: RgbPixels, payload: number): Uint8Array {
    const { pilot, payload: carriers } = this.spreading;
    const host = relativeSpectrum(spectrumOf(canonicalLuma(picture)));
    const mark = new Float32Array(host.values.length);
    layVector(mark, pilot, host);
    for (const [i, codeword] of encodePayload(payload).entries()) {
      layVector(mark, withChips(carriers[i] as Carriers, codeword), host);
    }
    const square = { width: canonicalSide, height: canonicalSide };
    return addPattern(picture.rgb, resample(pictureOf(mark), square, picture), markPsnr);
  }

  /** Looks for this key's mark, in a picture of any size. */
  detect(picture: RgbPixels): Detection {
    const { pilot, payload } = this.spreading;
    const { values } = relativeSpectrum(spectrumOf(canonicalLuma(picture)));
    const score = normalisedCorrelation(values, pilot);
    if (score < detectionThreshold) return { detected: false, score, payload: undefined };
    return { detected: true, score, payload: decodePayload(payload.map((carriers) => receivedChips(values, carriers))) };
  }
}

/** Lays one code vector into the mark: evenly, and stronger where the picture's own correlation with it is negative. */
function layVector(mark: Float32Array, { places, signs }: Carriers, { values, weights }: RelativeSpectrum): void {
  // Plain loops over thousands of carriers: iterators would leave more garbage than the rest of the mark.
  let [correlation, gain] = [0, 0];
  for (let i = 0; i < places.length; i++) {
    const place = places[i] as number;
    correlation += (signs[i] as number) * (values[place] as number);
    gain += weights[place] as number;
  }
  const strength = evenStrength + (gain === 0 ? 0 : Math.max(0, -correlation) / gain);
  for (let i = 0; i < places.length; i++) mark[places[i] as number] = (signs[i] as number) * strength;
}

/** About what the coefficients have in the end; only its relation to the picture's own correlation matters. */
const evenStrength = 12;

function withChips({ places, signs }: Carriers, codeword: Int8Array): Carriers {
  return { places, signs: signs.map((sign, i) => sign * (codeword[i % codewordChips] as number)) };
}

function normalisedCorrelation(values: Float32Array, { places, signs }: Carriers): number {
  let [sum, energy] = [0, 0];
  for (const [i, place] of places.entries()) {
    const value = values[place] as number;
    sum += (signs[i] as number) * value;
    energy += value * value;
  }
  return energy === 0 ? 0 : sum / Math.sqrt(energy);
}

function receivedChips(values: Float32Array, { places, signs }: Carriers): Float32Array {
  const chips = new Float32Array(codewordChips);
  for (const [i, place] of places.entries()) {
    const chip = i % codewordChips;
    chips[chip] = (chips[chip] as number) + (signs[i] as number) * (values[place] as number);
  }
  return chips;
}
