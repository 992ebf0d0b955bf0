/** Latin letters as Unicode has them again: for mathematics, in circles and boxes, full-width. */
import type { Disguise } from './disguise.js';

const shifted = (lower: number, upper: number) => (text: string) =>
  text
    .replaceAll(/[a-z]/g, (letter) => String.fromCodePoint(lower + letter.charCodeAt(0) - 97))
    .replaceAll(/[A-Z]/g, (letter) => String.fromCodePoint(upper + letter.charCodeAt(0) - 65));

const alphabet = (name: string, lower: number, upper: number): Disguise => ({
  name,
  anyScript: false,
  claimed: true,
  apply: shifted(lower, upper),
});

/** Disguises by other alphabets. */
export const alphabets: readonly Disguise[] = [
  alphabet('full-width', 0xff41, 0xff21),
  alphabet('mathematical bold', 0x1d41a, 0x1d400),
  alphabet('mathematical bold script', 0x1d4ea, 0x1d4d0),
  alphabet('mathematical bold Fraktur', 0x1d586, 0x1d56c),
  alphabet('double-struck', 0x1d552, 0x1d538),
  alphabet('monospace', 0x1d68a, 0x1d670),
  alphabet('circled', 0x24d0, 0x24b6),
  alphabet('parenthesised', 0x249c, 0x1f110),
  alphabet('squared', 0x1f130, 0x1f130),
  alphabet('dark circles', 0x1f150, 0x1f150),
  alphabet('dark squares', 0x1f170, 0x1f170),
  {
    name: 'regional indicators',
    anyScript: false,
    claimed: true,
    apply: (text) => [...shifted(0x1f1e6, 0x1f1e6)(text)].join('\u200b'),
  },
  { name: 'upper case', anyScript: false, claimed: true, apply: (text) => text.toUpperCase() },
  {
    name: 'mixed case',
    anyScript: false,
    claimed: true,
    apply: (text, random) => [...text].map((letter) => (random() < 0.5 ? letter.toUpperCase() : letter)).join(''),
  },
];
