const signs: Readonly<Record<string, string>> = {
  0: 'o',
  2: 'z',
  3: 'e',
  4: 'a',
  5: 's',
  6: 'g',
  7: 't',
  8: 'b',
  9: 'g',
  '@': 'a',
  $: 's',
  '+': 't',
};

/**
 * Takes digits and signs for the letters they look like, in words that have letters too; 1, ! and | may be either of two.
 *
 * Where a text has such words, short ones may have no letters at all, such as "4" for "a"; and a mark that ends a word may be an "i", or just a mark.
 */
export function readSigns(text: string, one: 'i' | 'l'): string {
  let isChanged = false;
  const read = text.replaceAll(/[a-z0-9@$!|*+]{3,}/g, (word) => {
    if (!/[a-z]/.test(word) || !/[0-9@$!|*+]/.test(word.slice(0, -1) + word.slice(-1).replace('!', ''))) return word;
    isChanged = true;
    return word.replaceAll(/[0-9@$!|+]/g, (sign) => signs[sign] ?? one);
  });
  if (!isChanged) return text;
  const alone = read.replaceAll(/(?<![a-z0-9@$])[0-9@$]{1,3}(?![a-z0-9@$])/g, (word) =>
    [...word].map((sign) => signs[sign] ?? one).join(''),
  );
  return one === 'i' ? alone.replaceAll(/(?<=[a-z]{3})!/g, 'i') : alone;
}
