/** Every kind of harm the platform knows, gravest first: of several that a content shows, the first is the one a refusal names. */
export const harmCategories = [
  'child_safety',
  'sexual',
  'self_harm',
  'violence',
  'hate',
  'illicit',
  'deception',
  'trademarks',
] as const;

/** One kind of harm. */
export type HarmCategory = (typeof harmCategories)[number];

/** What each category is about, in words for documents and reports. */
export const harmMeanings: Readonly<Record<HarmCategory, string>> = {
  child_safety: 'child safety: sexual content about, or abuse of, anyone under 18',
  sexual: 'sexual content and nudity',
  self_harm: 'suicide, self-injury and eating disorders',
  violence: 'violence and gore',
  hate: 'hate, harassment and extremism',
  illicit: 'illicit and dangerous acts',
  deception: 'public figures, likeness and deception',
  trademarks: 'trademarks and protected material',
};

/** How grave a finding is: 0 none, 1 low (a mention, or a context that excuses it), 2 medium, 3 high. */
export const severities = [0, 1, 2, 3] as const;

/** How grave a finding is, from 0 to 3. */
export type Severity = (typeof severities)[number];

/** The reason of a finding that a real person is shown sexually. */
export const sexualisedRealPerson = 'sexual.real_person';

/** What is needed to tell whether a finding may ever be let through. */
export interface GradedHarm {
  readonly category: string;
  /** The category and the rule, for instance `sexual.real_person`. */
  readonly reason: string;
  readonly severity: number;
}

/** Tells whether a finding is refused whatever a policy, a tenant or a request says: child safety, and sexualised real people. */
export function blocksAlways({ category, reason, severity }: GradedHarm): boolean {
  return severity > 0 && (category === 'child_safety' || reason === sexualisedRealPerson);
}

/** Tells whether a text names a category. */
export function isHarmCategory(text: string): text is HarmCategory {
  return (harmCategories as readonly string[]).includes(text);
}

/** Gives Azure AI Content Safety's severity (0, 2, 4 or 6) for one of ours. */
export function toAzureSeverity(severity: Severity): 0 | 2 | 4 | 6 {
  return (severity * 2) as 0 | 2 | 4 | 6;
}

/**
 * Gives our severity for one of Azure AI Content Safety's, which are 0 to 7 or, trimmed, 0, 2, 4 and 6.
 *
 * @throws RangeError when it is none of these.
 */
export function fromAzureSeverity(severity: number): Severity {
  if (!Number.isInteger(severity) || severity < 0 || severity > 7) {
    throw new RangeError(`Azure's severities are whole numbers from 0 to 7, not ${severity}`);
  }
  return Math.floor(severity / 2) as Severity;
}
