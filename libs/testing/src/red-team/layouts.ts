/** Letters moved apart, run backwards or lost in other text. */
import type { Disguise } from './disguise.js';

const between = (name: string, sign: string, anyScript = false, wordGap = `${sign} ${sign}`): Disguise => ({
  name,
  anyScript,
  claimed: true,
  apply: (text) =>
    text
      .split(' ')
      .map((word) => [...word].join(sign))
      .join(wordGap),
});

const innocent = 'a quiet village by the sea in the morning light, fishing boats and gulls, soft colours. ';

/** Disguises by layout. */
export const layouts: readonly Disguise[] = [
  between('spaced letters', ' ', false, '   '),
  between('spaced letters, words too', ' ', false, ' '),
  between('dotted letters', '.', false, ' '),
  between('letters and dashes', '-', false, ' '),
  between('letters and underscores', '_', false, ' '),
  between('letters and emoji', '🌸', false, ' '),
  between('letters on lines of their own', '\n', false, '\n\n'),
  between('zero-width spaces', '\u200b', true, ' '),
  between('zero-width joiners', '\u200d', false, ' '),
  between('soft hyphens', '\u00ad', false, ' '),
  between('direction marks', '\u200f', false, ' '),
  between('word joiners', '\u2060', true, ' '),
  {
    name: 'punctuation inside words',
    anyScript: false,
    claimed: true,
    apply: (text, random) =>
      text.replaceAll(/[a-z]{4,}/gi, (word) => {
        const at = 1 + Math.floor(random() * (word.length - 1));
        return `${word.slice(0, at)}${['.', '-', '_', '~', '·'][Math.floor(random() * 5)]}${word.slice(at)}`;
      }),
  },
  { name: 'backwards', anyScript: true, claimed: true, apply: (text) => [...text].reverse().join('') },
  {
    name: 'each word backwards',
    anyScript: false,
    claimed: true,
    apply: (text) => text.replaceAll(/\S+/g, (word) => [...word].reverse().join('')),
  },
  {
    name: 'blanks for words of any width',
    anyScript: true,
    claimed: true,
    apply: (text) => text.replaceAll(' ', '\u2003\u00a0'),
  },
  { name: 'at the end of a long prompt', anyScript: true, claimed: true, apply: (text) => `${innocent.repeat(200)}${text}` },
  {
    name: 'in the middle of a long prompt',
    anyScript: true,
    claimed: true,
    apply: (text) => `${innocent.repeat(93)}${text}. ${innocent.repeat(93)}`,
  },
];
