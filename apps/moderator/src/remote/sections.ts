/** What two neighbouring sections have in common, so that nothing is missed for being cut in two. */
const overlap = 256;

/** Cuts a long text into overlapping sections of at most some length, in UTF-16 code units. */
export function sectionsOf(text: string, length: number): string[] {
  const sections: string[] = [];
  for (let start = 0; start === 0 || start < text.length - overlap; start += length - overlap) {
    sections.push(text.slice(start, start + length).toWellFormed());
  }
  return sections;
}
