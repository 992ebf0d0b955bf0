import { readFileSync } from 'node:fs';
import { setImmediate } from 'node:timers/promises';
import type { ModerationLevel } from '@darkroom/contracts/http';
import type { Policy } from '../policy/policy.js';
import type { Finding } from '../policy/verdict.js';
import { ProfanityMatcher } from './profanity.js';
import { TermMatcher } from './term-matcher.js';
import { viewsOf } from './views.js';

/** The rules of one category, compiled: as written, and for readings where chance makes words. */
interface Category {
  readonly name: string;
  readonly levels: readonly ModerationLevel[];
  readonly terms: TermMatcher;
  readonly changedTerms: TermMatcher | undefined;
  readonly together: readonly (readonly [TermMatcher, TermMatcher])[];
}

/** What was found in a prompt so far. */
interface Found {
  readonly categories: Set<string>;
  /** Whether it speaks of somebody about whom no level is loose. */
  isStrict: boolean;
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
  readonly #strictAbout: TermMatcher;
  readonly #innocent: TermMatcher;
  readonly #profanity: ProfanityMatcher;

  constructor({ prompt, version, digest }: Policy) {
    const plainOnly = new Set(prompt.plain_only);
    this.#categories = prompt.categories.map(({ name, levels, terms, together }) => {
      const changed = terms.filter((term) => !plainOnly.has(term));
      return {
        name,
        levels,
        terms: new TermMatcher(terms),
        changedTerms: changed.length > 0 ? new TermMatcher(changed) : undefined,
        together: together.map(([first, second]) => [new TermMatcher(first), new TermMatcher(second)] as const),
      };
    });
    this.#strictAbout = new TermMatcher(prompt.strict_about);
    this.#innocent = new TermMatcher(prompt.innocent);
    this.#profanity = new ProfanityMatcher(prompt);
    this.classifiers = [
      `policy-terms ${version} ${digest}`,
      ...['obscenity', 'decancer'].map((name) => `${name} ${versions[name]}`),
    ];
  }

  /**
   * Scores each category 1 when the prompt breaks its rules, else 0; those that the policy doesn't refuse at the level get no threshold.
   *
   * A long prompt is read in overlapping sections, between which other requests get their turn.
   */
  async classify(prompt: string, level: ModerationLevel): Promise<Finding[]> {
    const found: Found = { categories: new Set(), isStrict: false };
    for (let start = 0; start === 0 || start < prompt.length - overlap; start += sectionLength - overlap) {
      if (start > 0) await setImmediate();
      this.#classifySection(prompt.slice(start, start + sectionLength), found);
    }
    const judgedAt = found.isStrict ? 'auto' : level;
    return this.#categories.map(({ name, levels }) => ({
      category: name,
      score: found.categories.has(name) ? 1 : 0,
      ...(levels.includes(judgedAt) && { threshold: 1 }),
    }));
  }

  #classifySection(section: string, found: Found): void {
    for (const { text: whole, asWritten } of viewsOf(section)) {
      found.isStrict ||= this.#strictAbout.test(whole);
      const text = this.#innocent.blank(whole);
      for (const { name, terms, changedTerms, together } of this.#categories) {
        if (found.categories.has(name)) continue;
        const hit = asWritten
          ? terms.test(text) || together.some(([first, second]) => isNear(first, second, text))
          : changedTerms?.test(text);
        if (hit) found.categories.add(name);
      }
      for (const name of this.#profanity.find(text, asWritten)) found.categories.add(name);
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
