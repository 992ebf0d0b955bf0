/** Text that a reader can't see, or sees as pictures. */

/** Decodes invisible characters U+E0020 to U+E007E, each of which stands for an ASCII character. */
export function tags(text: string): string[] {
  return collected(text, (code) => (code >= 0xe0020 && code <= 0xe007e ? code - 0xe0000 : undefined));
}

/** Decodes variation selectors, each of which can carry a byte: the sixteen old ones 0 to 15, the others from 16 on. */
export function variationSelectors(text: string): string[] {
  return collected(text, (code) => {
    if (code >= 0xfe00 && code <= 0xfe0f) return code - 0xfe00;
    return code >= 0xe0100 && code <= 0xe01ef ? code - 0xe0100 + 16 : undefined;
  });
}

/** Writes letters for regional indicators, which show as flags or boxed letters, and for letters on dark circles and squares. */
export function readBoxedLetters(text: string): string {
  return text.replaceAll(/[\u{1f1e6}-\u{1f1ff}\u{1f150}-\u{1f169}\u{1f170}-\u{1f189}]/gu, (boxed) => {
    const code = boxed.codePointAt(0) ?? 0;
    const first = code >= 0x1f1e6 ? 0x1f1e6 : code >= 0x1f170 ? 0x1f170 : 0x1f150;
    return String.fromCharCode(97 + code - first);
  });
}

function collected(text: string, decode: (code: number) => number | undefined): string[] {
  const bytes = Array.from(text, (character) => decode(character.codePointAt(0) ?? 0)).filter((code) => code !== undefined);
  return bytes.length > 0 ? [Buffer.from(bytes).toString('utf8')] : [];
}
