import { readFileSync } from 'node:fs';
import { setImmediate } from 'node:timers/promises';
import { type HarmCategory, harmCategories } from '@darkroom/contracts';
import { Exemptions } from '../exemptions.js';
import type { PromptClassifier, PromptFindings } from '../prompt-classifier.js';
import { type View, viewsOf } from '../views/views.js';
import type { IsInnocent } from './innocent-phrases.js';
import { ProfanityMatcher } from './profanity.js';
import { type BrokenRule, RuleBook } from './rule-book.js';
import type { RuleSet } from './rule-set.js';

/** Exact versions of the libraries, as this package pins them. */
const { dependencies: versions } = JSON.parse(readFileSync(new URL('../../../package.json', import.meta.url), 'utf8')) as {
  dependencies: Record<string, string>;
};

const sectionLength = 8192;
const overlap = 512;

/** What was found in a prompt so far: of each category, the gravest. */
interface Found {
  readonly gravest: Map<HarmCategory, BrokenRule>;
  isStrict: boolean;
}

/** Finds what a prompt asks for that breaks a rule, through the usual disguises. */
export class RuleClassifier implements PromptClassifier {
  readonly classifiers: readonly string[];
  readonly #book: RuleBook;
  readonly #profanity: ProfanityMatcher;

  constructor(rules: RuleSet) {
    this.#book = new RuleBook(rules);
    this.#profanity = new ProfanityMatcher(rules.prompt);
    this.classifiers = [
      `prompt-rules ${rules.version} ${rules.digest}`,
      ...['obscenity', 'decancer'].map((name) => `${name} ${versions[name]}`),
    ];
  }

  /**
   * Scores each category 1 when the prompt breaks one of its rules, else 0, with the severity of the gravest.
   *
   * A long prompt is read in overlapping sections, between which other requests get their turn. Words that are exempt are so in every
   * disguise.
   */
  async classify(prompt: string, exemptions: Exemptions = Exemptions.none): Promise<PromptFindings> {
    const found: Found = { gravest: new Map(), isStrict: false };
    for (let start = 0; start === 0 || start < prompt.length - overlap; start += sectionLength - overlap) {
      if (start > 0) await setImmediate();
      this.#classifySection(prompt.slice(start, start + sectionLength), exemptions, found);
    }
    const findings = harmCategories.map((category) => {
      const { severity = 0, reason = '' } = found.gravest.get(category) ?? {};
      return { category, score: severity > 0 ? 1 : 0, severity, reason };
    });
    return { findings, isStrict: found.isStrict };
  }

  #classifySection(section: string, exemptions: Exemptions, found: Found): void {
    for (const view of viewsOf(section)) {
      const isInnocent = this.#book.innocentIn(view.text);
      const { broken, isStrict } = this.#read(view, isInnocent);
      found.isStrict ||= isStrict;
      const exempt = exemptions.in(view.text);
      // What is left of a category's broken rules where its exempt words count for nothing.
      const left = new Map(
        [...exempt].map(([category, isExempt]) => [
          category,
          new Set(this.#read(view, (start, end) => isInnocent(start, end) || isExempt(start, end)).broken),
        ]),
      );
      for (const rule of broken) if (left.get(rule.category)?.has(rule) !== false) note(rule, found);
    }
  }

  #read({ text, asWritten }: View, isInnocent: IsInnocent) {
    const matches = this.#book.find(text, isInnocent, asWritten);
    const broken = [...this.#book.broken(matches), ...this.#profanity.find(text, isInnocent, asWritten)];
    return { broken, isStrict: this.#book.speaksOfStrict(matches) };
  }
}

function note(rule: BrokenRule, { gravest }: Found): void {
  if (rule.severity > (gravest.get(rule.category)?.severity ?? 0)) gravest.set(rule.category, rule);
}
