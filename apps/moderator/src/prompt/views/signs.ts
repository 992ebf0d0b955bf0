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

/** Takes digits and signs for the letters they look like, in words that have letters too; 1, ! and | may be either of two. */
export function readSigns(text: string, one: 'i' | 'l'): string {
  return text.replaceAll(/[a-z0-9@$!|*+]{3,}/g, (word) => {
    if (!/[a-z]/.test(word) || !/[0-9@$!|*+]/.test(word.slice(0, -1) + word.slice(-1).replace('!', ''))) return word;
    return word.replaceAll(/[0-9@$!|+]/g, (sign) => signs[sign] ?? one);
  });
}
