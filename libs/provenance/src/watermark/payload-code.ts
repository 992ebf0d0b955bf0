/**
 * Error correction for the watermark's payload: 32 bits and a check of 8 become five codewords of 128 chips.
 *
 * Each byte is one codeword of the first-order Reed-Muller code RM(1, 7), which any 31 wrong chips of 128 can't turn into another. Soft
 * decoding by the fast Hadamard transform finds the likeliest codeword: R. R. Green, "A serial orthogonal decoder", JPL Space Programs
 * Summary 37-39-IV (1966), as flown on Mariner 9.
 */

/** Chips of one codeword, and codewords of a payload. */
export const codewordChips = 128;
export const codewords = 5;

/**
 * Encodes a payload.
 *
 * @param payload an unsigned integer of 32 bits.
 * @returns 640 chips, each -1 or 1.
 */
export function encodePayload(payload: number): Int8Array[] {
  // A byte's top bit turns its codeword round, the others choose a Walsh function.
  const chip = (byte: number, place: number) => ((parity(byte & 127 & place) ^ (byte >> 7)) === 0 ? 1 : -1);
  return [...bytesOf(payload), checkOf(payload)].map((byte) =>
    Int8Array.from({ length: codewordChips }, (_, place) => chip(byte, place)),
  );
}

/**
 * Decodes a payload.
 *
 * @param received of each codeword float32 [128]: what each chip was received as; the sign is its value, the magnitude how sure that is.
 * @returns an unsigned integer of 32 bits, or undefined when the check does not fit, which chance passes once in 256.
 */
export function decodePayload(received: readonly Float32Array[]): number | undefined {
  const bytes = received.map(likeliestByte);
  const payload = bytes.slice(0, 4).reduce((value, byte) => value * 256 + byte, 0);
  return checkOf(payload) === bytes[4] ? payload : undefined;
}

/** Correlates with all 128 Walsh functions at once. */
function likeliestByte(received: Float32Array): number {
  const chips = received.slice();
  for (let step = 1; step < codewordChips; step *= 2) {
    for (let i = 0; i < codewordChips; i++) {
      if ((i & step) !== 0) continue;
      const [a, b] = [chips[i] as number, chips[i + step] as number];
      chips[i] = a + b;
      chips[i + step] = a - b;
    }
  }
  let best = 0;
  for (let i = 1; i < codewordChips; i++) {
    if (Math.abs(chips[i] as number) > Math.abs(chips[best] as number)) best = i;
  }
  return (chips[best] as number) < 0 ? best | 128 : best;
}

function bytesOf(payload: number): [number, number, number, number] {
  return [(payload >>> 24) & 255, (payload >>> 16) & 255, (payload >>> 8) & 255, payload & 255];
}

/** CRC-8 with the polynomial x^8 + x^2 + x + 1, begun with ones so that a payload of zeros has one too. */
function checkOf(payload: number): number {
  let crc = 0xff;
  for (const byte of bytesOf(payload)) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = crc & 0x80 ? ((crc << 1) ^ 0x07) & 0xff : crc << 1;
  }
  return crc;
}

function parity(value: number): number {
  let ones = 0;
  for (let rest = value; rest !== 0; rest &= rest - 1) ones ^= 1;
  return ones;
}
