import { braille, morse } from './alphabets.js';
import { tags, variationSelectors } from './hidden.js';

const minimumLength = 4;

/**
 * Decodes what is hidden in a text by an encoding that a reader, or a model, could undo; most prompts give nothing.
 *
 * Unicode tags and variation selectors, base64, hexadecimal, binary and decimal codes, percent and other escapes, Morse and Braille.
 */
export function decodedParts(text: string): string[] {
  const parts = [
    ...tags(text),
    ...variationSelectors(text),
    ...base64(text),
    ...hexadecimal(text),
    ...numbers(text),
    ...escapes(text),
    ...morse(text),
    ...braille(text),
  ];
  return parts.filter((part) => part.length >= minimumLength);
}

function base64(text: string): string[] {
  return [...text.matchAll(/[A-Za-z0-9+/_-]{8,}={0,2}|[A-Za-z0-9+/_-]{6,7}={1,2}/g)].flatMap(([word]) =>
    readable(Buffer.from(word, 'base64')),
  );
}

function hexadecimal(text: string): string[] {
  return [...text.matchAll(/(?:\b|(?:0x|\\x))(?:[0-9a-fA-F]{2}[\s,:]?(?:0x|\\x)?){4,}/g)].flatMap(([digits]) =>
    readable(Buffer.from(digits.replaceAll(/0x|\\x|[^0-9a-fA-F]/g, ''), 'hex')),
  );
}

/** Characters' codes, in binary or decimal: "01110000 01101111" or "112 111". */
function numbers(text: string): string[] {
  const runs = (pattern: RegExp, base: number) =>
    [...text.matchAll(pattern)].flatMap(([run]) =>
      readable(Buffer.from((run.match(/\d+/g) ?? []).map((number) => Number.parseInt(number, base)))),
    );
  const joined = [...text.matchAll(/\b(?:[01]{8}){4,}\b/g)].flatMap(([run]) =>
    readable(Buffer.from((run.match(/[01]{8}/g) ?? []).map((octet) => Number.parseInt(octet, 2)))),
  );
  return [...runs(/\b[01]{7,8}(?:[\s,]+[01]{7,8}\b){3,}/g, 2), ...runs(/\b\d{2,3}(?:[\s,]+\d{2,3}\b){3,}/g, 10), ...joined];
}

function escapes(text: string): string[] {
  const decoded = text
    .replaceAll(/(?:%[0-9a-fA-F]{2})+/g, (run) => Buffer.from(run.replaceAll('%', ''), 'hex').toString('utf8'))
    .replaceAll(/\\u([0-9a-fA-F]{4})/g, (_, digits: string) => String.fromCharCode(Number.parseInt(digits, 16)))
    .replaceAll(/&#(?:x([0-9a-fA-F]{1,5})|(\d{1,6}));?/g, (_, hex?: string, decimal?: string) =>
      String.fromCodePoint(hex === undefined ? Number(decimal) : Number.parseInt(hex, 16)),
    );
  return decoded === text ? [] : [decoded];
}

/** Takes bytes for text when they are valid UTF-8 and nearly all letters, digits, blanks and punctuation: chance rarely makes that. */
function readable(bytes: Buffer): string[] {
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    // Bytes that are no text hide none.
    return [];
  }
  const plain = text.match(/[\p{L}\p{M}\p{N}\p{P}\s=]/gu)?.length ?? 0;
  return plain >= 0.9 * text.length ? [text] : [];
}
