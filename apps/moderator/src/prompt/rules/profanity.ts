import { DataSet, englishDataset, englishRecommendedTransformers, type MatchPayload, RegExpMatcher } from 'obscenity';
import type { IsInnocent } from './innocent-phrases.js';
import type { BrokenRule } from './rule-book.js';
import type { RuleSettings } from './rule-set.js';

const sexual: BrokenRule = { category: 'sexual', severity: 2, reason: 'sexual.profanity' };
const slur: BrokenRule = { category: 'hate', severity: 2, reason: 'hate.slur' };

/**
 * Shorter words are made by chance where every letter is another: "gin" backwards is a slur. Drawn out, as obscenity finds them too, they
 * are not longer.
 */
const shortestByChance = 5;

/** Finds the words of obscenity's English list, with their endings; it finds parts of words too, which here would be harmless names. */
export class ProfanityMatcher {
  readonly #words = new DataSet<{ originalWord: string }>().addAll(englishDataset);
  readonly #matcher: RegExpMatcher;
  readonly #sexual: ReadonlySet<string>;
  readonly #plainOnly: ReadonlySet<string>;

  constructor({ profanity, plain_only }: RuleSettings['prompt']) {
    this.#sexual = new Set(profanity.sexual);
    this.#plainOnly = new Set(plain_only);
    this.#words.removePhrasesIf(({ metadata }) => profanity.tolerated.includes(metadata?.originalWord ?? ''));
    const { blacklistedTerms, whitelistedTerms = [] } = this.#words.build();
    this.#matcher = new RegExpMatcher({
      blacklistedTerms,
      whitelistedTerms: [...whitelistedTerms, ...profanity.innocent],
      ...englishRecommendedTransformers,
    });
  }

  /**
   * Lists the rules that the words found break, innocent phrases left out.
   *
   * @param asWritten false counts only what chance rarely makes: words of five letters or more.
   */
  find(text: string, isInnocent: IsInnocent, asWritten: boolean): ReadonlySet<BrokenRule> {
    const found = new Set<BrokenRule>();
    // The list is English, and what takes time is to look for all of it.
    if (!/[a-z]/.test(text)) return found;
    for (const match of this.#matcher.getAllMatches(text)) {
      if (isInnocent(match.startIndex, match.endIndex + 1)) continue;
      const { originalWord = '' } = this.#words.getPayloadWithPhraseMetadata(match).phraseMetadata ?? {};
      if (!isWord(text, match)) continue;
      const length = Math.min(originalWord.length, match.endIndex + 1 - match.startIndex);
      if (!asWritten && (this.#plainOnly.has(originalWord) || length < shortestByChance)) continue;
      found.add(this.#sexual.has(originalWord) ? sexual : slur);
    }
    return found;
  }
}

function isWord(text: string, { startIndex, endIndex }: MatchPayload): boolean {
  const before = text[startIndex - 1] ?? ' ';
  return !/[a-z0-9]/.test(before) && /^(?:s|es|ed|er|ers|ing|y)?(?![a-z0-9])/.test(text.slice(endIndex + 1, endIndex + 6));
}
