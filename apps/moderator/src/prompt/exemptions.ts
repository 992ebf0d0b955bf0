import type { HarmCategory } from '@darkroom/contracts';
import type { PolicyDocument } from '@darkroom/safety-policy';
import { InnocentPhrases, type IsInnocent } from './rules/innocent-phrases.js';
import { anyLetter, drawnOut } from './views/letters.js';
import { normalise } from './views/normalise.js';

/** Stand for letters of which nobody knows which they are: what reads as an exempt word there reads as others, too. */
const ambiguous = new RegExp(`[${anyLetter}${drawnOut}]`, 'g');

/** Words that count for nothing where a tenant's prompts are judged for a category; whole words and phrases alone. */
export class Exemptions {
  /** Those of tenants that have no policy of their own. */
  static readonly none = new Exemptions([]);
  readonly #phrases: ReadonlyMap<HarmCategory, InnocentPhrases>;

  constructor(exemptions: PolicyDocument['exemptions']) {
    const byCategory = Map.groupBy(exemptions, ({ category }) => category);
    this.#phrases = new Map(
      [...byCategory].map(([category, all]) => [category, new InnocentPhrases(all.flatMap(({ terms }) => terms.map(asPhrase)))]),
    );
  }

  /** Finds where in a text words are exempt, for each category for which there are any. */
  in(text: string): ReadonlyMap<HarmCategory, IsInnocent> {
    const found = new Map<HarmCategory, IsInnocent>();
    for (const [category, phrases] of this.#phrases) {
      const isExempt = phrases.in(text.replaceAll(ambiguous, '|'));
      if (isExempt) found.set(category, isExempt);
    }
    return found;
  }

  /**
   * Takes the words out that are exempt from a category; undefined where there are none.
   *
   * A blank stands in the place of each, so that nothing becomes one word that was none.
   */
  takenOut(prompt: string, category: HarmCategory): string | undefined {
    return this.#phrases.get(category)?.takenOutOf(normalise(prompt));
  }
}

/** Signs stand for gaps, as blanks do in phrases: what is no letter may be left out or written otherwise. */
function asPhrase(term: string): string {
  return normalise(term)
    .replaceAll(/[^\p{L}\p{N}\p{M}]+/gu, ' ')
    .trim();
}
