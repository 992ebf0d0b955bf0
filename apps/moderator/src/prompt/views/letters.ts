/** Words whose letters were moved apart, doubled or masked. */

/** Stands between the letters of a word that may be several: borders of words were lost when its letters were moved apart. */
export const softBorder = '\ue002';

/** Stands for one letter that was masked, as in "p*rn". */
export const anyLetter = '\ue001';

/** Follows a letter that was drawn out, and may stand for one or more of it. */
export const drawnOut = '\ue004';

/** Brackets what `joinSpacedLetters` joined. */
const bracket = '\ue003';

/** Joins single letters with something between them, "s p a c e d" and "s.p.a.c.e.d", and brackets what it joined. */
export function joinSpacedLetters(text: string): string {
  return text.replaceAll(
    /(?<![\p{L}\p{N}])[\p{L}\p{N}@$!](?:[^\p{L}\p{N}@$!]{1,3}[\p{L}\p{N}@$!]){2,}(?![\p{L}\p{N}])/gu,
    (run) => `${bracket}${run.replaceAll(/[^\p{L}\p{N}@$!]/gu, '')}${bracket}`,
  );
}

/** Takes what was joined for one word. */
export function asOneWord(joined: string): string {
  return joined.replaceAll(bracket, '');
}

/** Takes what was joined for any number of words. */
export function asSeveralWords(joined: string): string {
  return joined.replaceAll(/\ue003([^\ue003]*)\ue003/gu, (_, run: string) => [...run].join(softBorder));
}

/** Drops punctuation inside words: "na-ked" and "po.rn". Signs that stand for letters stay. */
export function dropInnerPunctuation(text: string): string {
  return text.replaceAll(/(?<=[\p{L}\p{N}])[^\p{L}\p{N}\s@$!|*#]+(?=[\p{L}\p{N}])/gu, '');
}

/** Marks letters that are drawn out to three or more. */
export function markDrawnOut(text: string): string {
  return text.replaceAll(/([a-z])\1{2,}/g, `$1${drawnOut}`);
}

/** Marks letters that were masked, where most of the word is left: "p*rn" and "n_k_d". */
export function markMasked(text: string): string {
  return text.replaceAll(/(?<![a-z])[a-z]+(?:[*#_][a-z]+)+(?![a-z])/g, (word) => {
    const masked = word.match(/[*#_]/g)?.length ?? 0;
    return word.length >= 4 && masked <= 2 && masked * 2 < word.length ? word.replaceAll(/[*#_]/g, anyLetter) : word;
  });
}
