import { createHmac } from 'node:crypto';
import { codewordChips, codewords } from './payload-code.js';
import { bandwidth } from './spectrum.js';

/** Half waves over the picture at which the mark begins: lower frequencies hold most of what the picture itself shows. */
const lowest = 20;

/** Share of the coefficients that tell whether a picture is marked; the others carry the payload. */
const pilotShare = 0.55;

/** Coefficients of the spectrum that carry one code vector. */
export interface Carriers {
  /** Their places in the spectrum, [v * 80 + u]. */
  readonly places: Int32Array;
  /** -1 or 1 for each, from the key. */
  readonly signs: Int8Array;
}

/** Which coefficients of the spectrum carry what, with the sign that a secret key gives each. */
export interface Spreading {
  /** Carry the same in every picture of a key. */
  readonly pilot: Carriers;
  /** Those of each codeword of the payload: its carrier i has its chip i mod 128. */
  readonly payload: readonly Carriers[];
}

/** Derives the spreading of a key, by HMAC-SHA-256 of a counter. */
export function spreadingOf(key: Uint8Array): Spreading {
  const random = randomWords(key);
  const places = ringPlaces();
  // Fisher-Yates; the bias of a remainder of 32 bits is a millionth here.
  for (let i = places.length - 1; i > 0; i--) {
    const j = random() % (i + 1);
    [places[i], places[j]] = [places[j] as number, places[i] as number];
  }
  const carriers = (from: number, end: number): Carriers => ({
    places: places.slice(from, end),
    signs: Int8Array.from({ length: end - from }, () => (random() & 1) * 2 - 1),
  });
  const pilotEnd = Math.floor(places.length * pilotShare);
  const each = Math.floor((places.length - pilotEnd) / (codewords * codewordChips)) * codewordChips;
  const payload = Array.from({ length: codewords }, (_, i) => carriers(pilotEnd + i * each, pilotEnd + (i + 1) * each));
  return { pilot: carriers(0, pilotEnd), payload };
}

/** A quarter of a ring of the spectrum, so that no direction is favoured. */
function ringPlaces(): Int32Array {
  const places: number[] = [];
  for (let v = 0; v < bandwidth; v++) {
    for (let u = 0; u < bandwidth; u++) {
      const frequency = Math.hypot(u, v);
      if (frequency >= lowest && frequency < bandwidth) places.push(v * bandwidth + u);
    }
  }
  return Int32Array.from(places);
}

function randomWords(key: Uint8Array): () => number {
  let block = Buffer.alloc(0);
  let at = 0;
  let counter = 0;
  return () => {
    if (at === block.length) {
      block = createHmac('sha256', key).update(`darkroom watermark ${counter++}`).digest();
      at = 0;
    }
    at += 4;
    return block.readUInt32BE(at - 4);
  };
}
