/** Letters of other scripts and alphabets that look like Latin ones. */
import type { Disguise } from './disguise.js';

const cyrillic: Record<string, string> = {
  a: 'а',
  c: 'с',
  e: 'е',
  i: 'і',
  j: 'ј',
  o: 'о',
  p: 'р',
  s: 'ѕ',
  x: 'х',
  y: 'у',
  h: 'һ',
  d: 'ԁ',
};
const greek: Record<string, string> = { a: 'α', i: 'ι', k: 'κ', o: 'ο', p: 'ρ', t: 'τ', u: 'υ', v: 'ν', x: 'χ', e: 'ε', n: 'η' };
const cherokee: Record<string, string> = {
  a: 'Ꭺ',
  b: 'Ᏼ',
  c: 'Ꮯ',
  d: 'Ꭰ',
  e: 'Ꭼ',
  g: 'Ꮐ',
  h: 'Ꮋ',
  k: 'Ꮶ',
  l: 'Ꮮ',
  m: 'Ꮇ',
  p: 'Ꮲ',
  r: 'Ꮢ',
  s: 'Ꮪ',
  t: 'Ꭲ',
  v: 'Ꮩ',
  w: 'Ꮃ',
  z: 'Ꮓ',
};
const armenian: Record<string, string> = { o: 'օ', n: 'ո', u: 'ս', h: 'հ', g: 'ց', q: 'գ', l: 'լ' };
const ipa: Record<string, string> = {
  a: 'ɑ',
  g: 'ɡ',
  i: 'ɩ',
  l: 'ɭ',
  n: 'ɳ',
  r: 'ɾ',
  t: 'ʈ',
  u: 'ʋ',
  e: 'ɘ',
  o: 'ɵ',
  z: 'ʐ',
  s: 'ʂ',
};
const smallCapitals: Record<string, string> = Object.fromEntries(
  [...'abcdefghijklmnopqrstuvwxyz'].map((letter, index) => [letter, [...'ᴀʙᴄᴅᴇꜰɢʜɪᴊᴋʟᴍɴᴏᴘꞯʀꜱᴛᴜᴠᴡxʏᴢ'][index] ?? letter]),
);
const strokes: Record<string, string> = {
  a: 'ⱥ',
  b: 'ƀ',
  d: 'đ',
  h: 'ħ',
  i: 'ɨ',
  l: 'ł',
  o: 'ø',
  t: 'ŧ',
  e: 'ɇ',
  n: 'ꞥ',
  r: 'ɍ',
  u: 'ʉ',
  g: 'ǥ',
  k: 'ꝁ',
};

const swap = (table: Record<string, string>) => (text: string) =>
  [...text].map((letter) => table[letter.toLowerCase()] ?? letter).join('');

const lookalike = (name: string, table: Record<string, string>): Disguise => ({
  name,
  anyScript: false,
  claimed: true,
  apply: swap(table),
});

/** Disguises by look-alike letters. */
export const lookalikes: readonly Disguise[] = [
  lookalike('Cyrillic look-alikes', cyrillic),
  lookalike('Greek look-alikes', greek),
  lookalike('Cherokee look-alikes', cherokee),
  lookalike('Armenian look-alikes', armenian),
  lookalike('phonetic look-alikes', ipa),
  lookalike('small capitals', smallCapitals),
  lookalike('letters with strokes', strokes),
  {
    name: 'scripts mixed at random',
    anyScript: false,
    claimed: true,
    apply: (text, random) =>
      [...text]
        .map((letter) => {
          const options = [cyrillic, greek, smallCapitals].map((table) => table[letter.toLowerCase()] ?? letter);
          return options[Math.floor(random() * options.length)] ?? letter;
        })
        .join(''),
  },
];
