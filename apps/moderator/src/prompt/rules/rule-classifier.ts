import { readFileSync } from 'node:fs';
import { setImmediate } from 'node:timers/promises';
import { type HarmCategory, harmCategories } from '@darkroom/contracts';
import type { Policy } from '../../policy/policy.js';
import type { PromptClassifier, PromptFindings } from '../prompt-classifier.js';
import { viewsOf } from '../views/views.js';
import { ProfanityMatcher } from './profanity.js';
import { type BrokenRule, RuleBook } from './rule-book.js';

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

/** Finds what a prompt asks for that breaks a rule of the policy, through the usual disguises. */
export class RuleClassifier implements PromptClassifier {
  readonly classifiers: readonly string[];
  readonly #book: RuleBook;
  readonly #profanity: ProfanityMatcher;

  constructor(policy: Policy) {
    this.#book = new RuleBook(policy);
    this.#profanity = new ProfanityMatcher(policy.prompt);
    this.classifiers = [
      `policy-rules ${policy.version} ${policy.digest}`,
      ...['obscenity', 'decancer'].map((name) => `${name} ${versions[name]}`),
    ];
  }

  /**
   * Scores each category 1 when the prompt breaks one of its rules, else 0, with the severity of the gravest.
   *
   * A long prompt is read in overlapping sections, between which other requests get their turn.
   */
  async classify(prompt: string): Promise<PromptFindings> {
    const found: Found = { gravest: new Map(), isStrict: false };
    for (let start = 0; start === 0 || start < prompt.length - overlap; start += sectionLength - overlap) {
      if (start > 0) await setImmediate();
      this.#classifySection(prompt.slice(start, start + sectionLength), found);
    }
    const findings = harmCategories.map((category) => {
      const { severity = 0, reason = '' } = found.gravest.get(category) ?? {};
      return { category, score: severity > 0 ? 1 : 0, severity, reason };
    });
    return { findings, isStrict: found.isStrict };
  }

  #classifySection(section: string, found: Found): void {
    for (const { text, asWritten } of viewsOf(section)) {
      const isInnocent = this.#book.innocentIn(text);
      const matches = this.#book.find(text, isInnocent, asWritten);
      found.isStrict ||= this.#book.speaksOfStrict(matches);
      for (const rule of this.#book.broken(matches)) note(rule, found);
      for (const rule of this.#profanity.find(text, isInnocent, asWritten)) note(rule, found);
    }
  }
}

function note(rule: BrokenRule, { gravest }: Found): void {
  if (rule.severity > (gravest.get(rule.category)?.severity ?? 0)) gravest.set(rule.category, rule);
}
