/** Finds text hidden inside a prompt by an encoding that a reader, or a model, could undo. */

const minimumLength = 4;

/** Decodes what is hidden in a text: Unicode tags, base64, hexadecimal, percent escapes and HTML entities; most prompts give nothing. */
export function decodedParts(text: string): string[] {
  return [...tags(text), ...base64(text), ...hexadecimal(text), ...escapes(text)].filter((part) => part.length >= minimumLength);
}

/** Invisible characters U+E0020 to U+E007E, each of which stands for an ASCII character. */
function tags(text: string): string[] {
  const hidden = Array.from(text, (character) => character.codePointAt(0) ?? 0)
    .filter((code) => code >= 0xe0020 && code <= 0xe007e)
    .map((code) => String.fromCharCode(code - 0xe0000));
  return hidden.length > 0 ? [hidden.join('')] : [];
}

function base64(text: string): string[] {
  return [...text.matchAll(/[A-Za-z0-9+/_-]{8,}={0,2}/g)].flatMap(([word]) => readable(Buffer.from(word, 'base64')));
}

function hexadecimal(text: string): string[] {
  return [...text.matchAll(/(?:\b|0x)(?:[0-9a-fA-F]{2}[\s,:]?(?:0x|\\x)?){4,}/g)].flatMap(([digits]) =>
    readable(Buffer.from(digits.replaceAll(/0x|\\x|[^0-9a-fA-F]/g, ''), 'hex')),
  );
}

function escapes(text: string): string[] {
  const decoded = text
    .replaceAll(/%([0-9a-fA-F]{2})/g, (_, digits: string) => String.fromCharCode(Number.parseInt(digits, 16)))
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
  const plain = text.match(/[\p{L}\p{N}\p{P}\s]/gu)?.length ?? 0;
  return plain >= 0.9 * text.length ? [text] : [];
}
