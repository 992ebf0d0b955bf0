import { type HarmCategory, harmCategories, type Severity } from '@darkroom/contracts';
import { InnocentPhrases, type IsInnocent } from './innocent-phrases.js';
import type { PromptRule } from './rule-files.js';
import type { RuleSet } from './rule-set.js';
import { type TermMatch, TermTrie } from './term-trie.js';

/** A rule that a text breaks. */
export interface BrokenRule {
  readonly category: HarmCategory;
  readonly severity: Severity;
  readonly reason: string;
}

interface CompiledRule extends BrokenRule {
  readonly near: ReadonlySet<number> | undefined;
  readonly followedBy: ReadonlySet<number> | undefined;
  readonly unless: ReadonlySet<number> | undefined;
}

/** How far apart two terms of a rule may be, in characters: about a sentence. */
const nearness = 120;
/** How soon the second term must follow, where it must: about two words. */
const afterness = 12;
const nothing: IsInnocent = () => false;
/** Room for the longest match that may begin before a stretch of text and reach into it. */
const longestMatch = 64;

/** Rules for prompts, compiled into one trie of all their terms. */
export class RuleBook {
  readonly #terms: readonly string[];
  readonly #trie: TermTrie;
  readonly #innocent: InnocentPhrases;
  readonly #strict: ReadonlySet<number>;
  readonly #plainOnly: ReadonlySet<number>;
  readonly #rulesOfTerm: readonly (readonly CompiledRule[])[];

  constructor({ promptRules, prompt, lists }: RuleSet) {
    const terms = new Map<string, number>();
    const place = (term: string) => {
      const known = terms.get(term);
      if (known !== undefined) return known;
      terms.set(term, terms.size);
      return terms.size - 1;
    };
    const places = (list: readonly string[] | undefined) => list && new Set(list.map(place));
    const rulesOfTerm: CompiledRule[][] = [];
    for (const category of harmCategories) {
      for (const { reason, severity, terms: list, ...context } of promptRules[category].rules) {
        const rule = { category, severity, reason: `${category}.${reason}`, ...compiledContext(context, places) };
        for (const term of new Set(list.map(place))) {
          rulesOfTerm[term] = [...(rulesOfTerm[term] ?? []), rule];
        }
      }
    }
    this.#strict = new Set(lists.get(prompt.strict_about)?.map(place));
    this.#plainOnly = new Set(prompt.plain_only.map(place));
    this.#rulesOfTerm = rulesOfTerm;
    this.#terms = [...terms.keys()];
    this.#trie = new TermTrie(this.#terms);
    this.#innocent = new InnocentPhrases(harmCategories.flatMap((category) => promptRules[category].innocent));
  }

  /** Finds the phrases of a text that contain a term and mean no harm. */
  innocentIn(text: string): IsInnocent {
    return this.#innocent.in(text) ?? nothing;
  }

  /**
   * Finds the terms of a text that are not part of an innocent phrase, by where they start.
   *
   * @param asWritten false leaves out what chance makes of ordinary words, read backwards or in rot13.
   */
  find(text: string, isInnocent: IsInnocent, asWritten: boolean): TermMatch[] {
    const matches = this.#trie.find(text).filter(({ start, end }) => !isInnocent(start, end));
    return asWritten ? matches : matches.filter((match) => !this.#plainOnly.has(match.term) && this.#isTelling(text, match));
  }

  /** Tells whether a match is more than what chance makes; a character of other scripts says more than a Latin letter. */
  #isTelling(text: string, { term, start, end }: TermMatch): boolean {
    if (text.charCodeAt(start) >= 0x250) return end - start >= 2;
    return end - start >= 6 || (end - start >= 4 && text.slice(start, end) === this.#terms[term]?.replaceAll('*', ''));
  }

  /** Tells whether a text speaks of somebody about whom no level is loose. */
  speaksOfStrict(matches: readonly TermMatch[]): boolean {
    return matches.some(({ term }) => this.#strict.has(term));
  }

  /** Lists the rules that a text breaks, given all its terms; a rule may come more than once. */
  *broken(matches: readonly TermMatch[]): Generator<BrokenRule> {
    for (const match of matches) {
      const rules = this.#rulesOfTerm[match.term];
      if (rules === undefined) continue;
      for (const rule of rules) if (holds(rule, match, matches)) yield rule;
    }
  }
}

function compiledContext(
  { near, followed_by, unless }: Pick<PromptRule, 'near' | 'followed_by' | 'unless'>,
  places: (list: readonly string[] | undefined) => ReadonlySet<number> | undefined,
): Pick<CompiledRule, 'near' | 'followedBy' | 'unless'> {
  return { near: places(near), followedBy: places(followed_by), unless: places(unless) };
}

function holds({ near, followedBy, unless }: CompiledRule, match: TermMatch, matches: readonly TermMatch[]): boolean {
  const { start, end } = match;
  if (
    near !== undefined &&
    !anyWithin(matches, start - nearness, end + nearness, (other) => near.has(other.term) && apart(other, match))
  )
    return false;
  if (
    followedBy !== undefined &&
    !anyWithin(matches, end, end + afterness, (other) => followedBy.has(other.term) && other.start >= end)
  )
    return false;
  return unless === undefined || !anyWithin(matches, start - nearness, end + nearness, ({ term }) => unless.has(term));
}

function apart(one: TermMatch, other: TermMatch): boolean {
  return one.end <= other.start || other.end <= one.start;
}

/** Tells whether a match that lies, at least in part, between two places is as wanted; matches are sorted by their starts. */
function anyWithin(matches: readonly TermMatch[], from: number, to: number, isWanted: (match: TermMatch) => boolean): boolean {
  let low = 0;
  let high = matches.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((matches[middle] as TermMatch).start < from - longestMatch) low = middle + 1;
    else high = middle;
  }
  for (let index = low; index < matches.length; index++) {
    const match = matches[index] as TermMatch;
    if (match.start > to) return false;
    if (match.end >= from && isWanted(match)) return true;
  }
  return false;
}
