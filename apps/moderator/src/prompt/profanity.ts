import { DataSet, englishDataset, englishRecommendedTransformers, type MatchPayload, RegExpMatcher } from 'obscenity';
import type { PolicyRules } from '../policy/policy.js';

/** Finds the words of obscenity's English list, as parts of words too where that list says so. */
export class ProfanityMatcher {
  readonly #words = new DataSet<{ originalWord: string }>().addAll(englishDataset);
  readonly #matcher: RegExpMatcher;
  readonly #categories: PolicyRules['prompt']['profanity'];
  readonly #plainOnly: ReadonlySet<string>;

  constructor({ profanity: categories, plain_only }: PolicyRules['prompt']) {
    this.#categories = categories;
    this.#plainOnly = new Set(plain_only);
    this.#words.removePhrasesIf(({ metadata }) => categories.tolerated.includes(metadata?.originalWord ?? ''));
    const { blacklistedTerms, whitelistedTerms = [] } = this.#words.build();
    this.#matcher = new RegExpMatcher({
      blacklistedTerms,
      whitelistedTerms: [...whitelistedTerms, ...categories.innocent],
      ...englishRecommendedTransformers,
    });
  }

  /**
   * Lists the harm categories of the words found.
   *
   * @param asWritten false counts only what chance rarely makes: words of five letters or more that stand by themselves.
   */
  find(text: string, asWritten: boolean): Set<string> {
    const found = new Set<string>();
    for (const match of this.#matcher.getAllMatches(text)) {
      const { originalWord = '' } = this.#words.getPayloadWithPhraseMetadata(match).phraseMetadata ?? {};
      if (!asWritten && (this.#plainOnly.has(originalWord) || !isWord(text, match))) continue;
      found.add(this.#categories.sexual.includes(originalWord) ? 'sexual' : this.#categories.others);
    }
    return found;
  }
}

function isWord(text: string, { startIndex, endIndex }: MatchPayload): boolean {
  const around = (text[startIndex - 1] ?? ' ') + (text[endIndex + 1] ?? ' ');
  return endIndex - startIndex >= 4 && !/[a-z0-9]/.test(around);
}
