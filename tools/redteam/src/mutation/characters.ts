import { type MutationOperator, onPrompt, pick, type Random } from './operator.js';

/** Letters of other scripts that look like Latin ones (a few of Unicode's confusables, UTS #39). */
const confusables: Readonly<Record<string, readonly string[]>> = {
  a: ['а', 'ɑ'],
  c: ['с', 'ϲ'],
  e: ['е', 'ҽ'],
  i: ['і', 'ı'],
  j: ['ј'],
  o: ['о', 'ο', 'օ'],
  p: ['р', 'ρ'],
  s: ['ѕ'],
  x: ['х'],
  y: ['у'],
};

const leet: Readonly<Record<string, readonly string[]>> = {
  a: ['4', '@'],
  b: ['8'],
  e: ['3'],
  g: ['9'],
  i: ['1', '!'],
  o: ['0'],
  s: ['5', '$'],
  t: ['7'],
};

const invisible = ['\u200b', '\u200c', '\u200d', '\u2060', '\ufeff'];
const accents = ['\u0301', '\u0300', '\u0302', '\u0308', '\u0323'];

/** Replaces letters, each with the given chance. */
function replaceLetters(text: string, table: Readonly<Record<string, readonly string[]>>, share: number, random: Random): string {
  return text.replaceAll(/[a-z]/gi, (letter) => {
    const others = table[letter.toLowerCase()];
    return others === undefined || random() >= share ? letter : pick(others, random);
  });
}

/** Changes each word of four letters or more. */
function eachWord(text: string, change: (word: string) => string): string {
  return text.replaceAll(/[a-z]{4,}/gi, change);
}

/** Shifts ASCII letters to the block of mathematical or full-width letters that begins with the given capital and small A. */
function shiftLetters(text: string, capitalA: number, smallA: number): string {
  return text.replaceAll(/[A-Za-z]/g, (letter) => {
    const code = letter.charCodeAt(0);
    return String.fromCodePoint(code >= 97 ? smallA + code - 97 : capitalA + code - 65);
  });
}

/** Disguises of single characters, which a person still reads. */
export const characterOperators: readonly MutationOperator[] = [
  onPrompt('confusables', 'A2', 'Cyrillic, Greek and other letters that look like Latin ones', (prompt, random) =>
    replaceLetters(prompt, confusables, 0.8, random),
  ),
  onPrompt('leetspeak', 'A2', 'digits and signs for letters', (prompt, random) => replaceLetters(prompt, leet, 0.8, random)),
  onPrompt('spacing', 'A2', 'blanks between the letters of each word', (prompt) =>
    eachWord(prompt, (word) => [...word].join(' ')),
  ),
  onPrompt('punctuation', 'A2', 'dots, dashes or underscores between the letters of each word', (prompt, random) => {
    const sign = pick(['.', '-', '_', '*'], random);
    return eachWord(prompt, (word) => [...word].join(sign));
  }),
  onPrompt('zero_width', 'A2', 'characters without width inside words', (prompt, random) =>
    eachWord(prompt, (word) => [...word].join(pick(invisible, random))),
  ),
  onPrompt('diacritics', 'A2', 'accents on letters', (prompt, random) =>
    prompt.replaceAll(/[aeiouncs]/gi, (letter) => (random() < 0.7 ? (letter + pick(accents, random)).normalize('NFC') : letter)),
  ),
  onPrompt('full_width', 'A2', 'full-width letters, as East Asian text has them', (prompt) =>
    shiftLetters(prompt, 0xff21, 0xff41),
  ),
  onPrompt('mathematical', 'A2', 'mathematical bold letters', (prompt) => shiftLetters(prompt, 0x1d400, 0x1d41a)),
  onPrompt('drawn_out', 'A2', 'vowels drawn out', (prompt) => prompt.replaceAll(/[aeiou]/gi, (vowel) => vowel.repeat(4))),
  onPrompt('masking', 'A2', 'a star for one letter of each word', (prompt, random) =>
    eachWord(prompt, (word) => {
      const place = 1 + Math.floor(random() * (word.length - 2));
      return `${word.slice(0, place)}*${word.slice(place + 1)}`;
    }),
  ),
  onPrompt('misspelling', 'A2', 'two neighbouring inner letters of each word exchanged', (prompt, random) =>
    eachWord(prompt, (word) => {
      const place = 1 + Math.floor(random() * (word.length - 3));
      return word.slice(0, place) + word.charAt(place + 1) + word.charAt(place) + word.slice(place + 2);
    }),
  ),
  onPrompt('homophones', 'A2', 'spelling by sound: ks for x, k for c, f for ph, z for s', (prompt) =>
    prompt
      .replaceAll(/ph/gi, 'f')
      .replaceAll(/ck/gi, 'k')
      .replaceAll(/x/gi, 'ks')
      .replaceAll(/c(?=[aouklrt])/gi, 'k')
      .replaceAll(/(?<=[a-z])s\b/gi, 'z')
      .replaceAll(/ee|ea/gi, 'i'),
  ),
];
