import { readFileSync } from 'node:fs';
import { setImmediate } from 'node:timers/promises';
import type { Policy } from '../policy/policy.js';
import type { Finding } from '../policy/verdict.js';
import { ProfanityMatcher } from './profanity.js';
import { TermMatcher } from './term-matcher.js';
import { viewsOf } from './views.js';

/** The rules of one category, compiled: as written, and for readings where chance makes words. */
interface Category {
  readonly name: string;
  readonly terms: TermMatcher;
  readonly changedTerms: TermMatcher | undefined;
  readonly together: readonly (readonly [TermMatcher, TermMatcher])[];
}

/** Exact versions of the libraries, as this package pins them. */
const { dependencies: versions } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as {
  dependencies: Record<string, string>;
};

const sectionLength = 8192;
const overlap = 512;
/** How far apart the two terms of a pair may be, in characters: about a sentence. */
const nearness = 120;

/** Finds what a prompt asks for that the policy refuses, through the usual disguises. */
export class PromptClassifier {
  /** What judged, for verdicts. */
  readonly classifiers: readonly string[];
  readonly #categories: readonly Category[];
  readonly #innocent: TermMatcher;
  readonly #profanity: ProfanityMatcher;

  constructor({ prompt, version, digest }: Policy) {
    const plainOnly = new Set(prompt.plain_only);
    this.#categories = prompt.categories.map(({ name, terms, together }) => {
      const changed = terms.filter((term) => !plainOnly.has(term));
      return {
        name,
        terms: new TermMatcher(terms),
        changedTerms: changed.length > 0 ? new TermMatcher(changed) : undefined,
        together: together.map(([first, second]) => [new TermMatcher(first), new TermMatcher(second)] as const),
      };
    });
    this.#innocent = new TermMatcher(prompt.innocent);
    this.#profanity = new ProfanityMatcher(prompt);
    this.classifiers = [
      `policy-terms ${version} ${digest}`,
      ...['obscenity', 'decancer'].map((name) => `${name} ${versions[name]}`),
    ];
  }

  /**
   * Scores each category 1 when the prompt breaks its rules, else 0.
   *
   * A long prompt is read in overlapping sections, between which other requests get their turn.
   */
  async classify(prompt: string): Promise<Finding[]> {
    const found = new Set<string>();
    for (let start = 0; start === 0 || start < prompt.length - overlap; start += sectionLength - overlap) {
      if (start > 0) await setImmediate();
      this.#classifySection(prompt.slice(start, start + sectionLength), found);
    }
    return this.#categories.map(({ name }) => ({ category: name, score: found.has(name) ? 1 : 0, threshold: 1 }));
  }

  #classifySection(section: string, found: Set<string>): void {
    for (const { text: whole, asWritten } of viewsOf(section)) {
      const text = this.#innocent.blank(whole);
      for (const { name, terms, changedTerms, together } of this.#categories) {
        if (found.has(name)) continue;
        const hit = asWritten
          ? terms.test(text) || together.some(([first, second]) => isNear(first, second, text))
          : changedTerms?.test(text);
        if (hit) found.add(name);
      }
      for (const name of this.#profanity.find(text, asWritten)) found.add(name);
    }
  }
}

function isNear(first: TermMatcher, second: TermMatcher, text: string): boolean {
  const others = second.find(text);
  if (others.length === 0) return false;
  return first
    .find(text)
    .some(({ start, end }) => others.some((other) => other.start - end < nearness && start - other.end < nearness));
}
