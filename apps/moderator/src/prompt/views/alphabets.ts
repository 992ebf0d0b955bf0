/** Alphabets of dots: Morse and Braille. */

const letters = 'abcdefghijklmnopqrstuvwxyz';

// International Morse code, Recommendation ITU-R M.1677-1, a to z.
const codes = '.- -... -.-. -.. . ..-. --. .... .. .--- -.- .-.. -- -. --- .--. --.- .-. ... - ..- ...- .-- -..- -.-- --..'.split(
  ' ',
);
const letterOfCode = new Map(codes.map((code, index) => [code, letters.charAt(index)]));

// Six-dot Braille, a to z, in the order of Unicode's block from U+2800.
const cells = '⠁⠃⠉⠙⠑⠋⠛⠓⠊⠚⠅⠇⠍⠝⠕⠏⠟⠗⠎⠞⠥⠧⠺⠭⠽⠵';
const letterOfCell = new Map(Array.from(cells, (cell, index) => [cell, letters.charAt(index)]));

/** Decodes Morse: letters apart by blanks, words by a stroke or by more blanks. */
export function morse(text: string): string[] {
  const plain = text.replaceAll(/[·•∙]/g, '.').replaceAll(/[–—−_]/g, '-');
  return [...plain.matchAll(/(?<![^\s])[.-]{1,4}(?:[\s/|]+[.-]{1,4})+(?![^\s])/g)].flatMap(([run]) => {
    const words = run.split(/\s*[/|]\s*|\s{2,}/).map((word) => word.split(' ').map((code) => letterOfCode.get(code)));
    if (words.flat().length < 4 || words.flat().includes(undefined)) return [];
    return [words.map((word) => word.join('')).join(' ')];
  });
}

/** Decodes Braille's letters. */
export function braille(text: string): string[] {
  if (!/[\u2801-\u283f]{2}/.test(text)) return [];
  return [Array.from(text, (cell) => letterOfCell.get(cell) ?? cell.replace('\u2800', ' ')).join('')];
}
