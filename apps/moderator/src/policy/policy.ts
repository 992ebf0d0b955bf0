import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { moderationLevels } from '@darkroom/contracts/http';
import { z } from 'zod';

const text = z.string().min(1);
const texts = z.array(text).min(1);

/** The two lists of a rule that needs a term of each, near one another. */
const pair = z.tuple([texts, texts]);

const category = z.strictObject({
  name: text,
  about: text,
  /** At which levels it refuses; at the others it is only reported. */
  levels: z.array(z.enum(moderationLevels)).default([...moderationLevels]),
  terms: texts,
  together: z.array(pair).default([]),
});

const policySchema = z.strictObject({
  version: text,
  prompt: z.strictObject({
    /** In order of weight: the first that matches is the one a refusal names. */
    categories: z.array(category).min(1),
    /** Who is never shown less: a prompt that speaks of them is judged at `auto`, whatever level was asked for. */
    strict_about: texts,
    /** Harm category of each word in obscenity's English list; one in neither list counts as `others`, words that contain it or not. */
    profanity: z.strictObject({ sexual: texts, tolerated: texts, others: text, innocent: z.array(text) }),
    /** Phrases taken out before anything is looked for, since they contain a term and mean no harm. */
    innocent: texts,
    /** Terms that are looked for only as written: reversed or in rot13, ordinary words would turn into them. */
    plain_only: texts,
  }),
  /** Pictures are judged alike at every level. */
  image: z.strictObject({
    refuse: z.array(z.strictObject({ category: text, classes: texts, threshold: z.number().gt(0).lt(1) })).min(1),
    report: z.array(z.strictObject({ category: text, classes: texts })),
  }),
});

/** What the platform refuses, as data: `policy/policy.json` checked against its schema. */
export type PolicyRules = z.output<typeof policySchema>;

/** One version of the policy. */
export interface Policy extends PolicyRules {
  /** SHA-256 of the file's bytes, so that a decision can be replayed against exactly these rules. */
  readonly digest: string;
}

/** Where the policy that ships with the moderator lies, seen from `src` and from `dist` alike. */
export const policyFile = new URL('../../policy/policy.json', import.meta.url);

/** Categories of prompts that refuse at every level, whatever a policy says. */
const neverLoosened = ['minors', 'sexual'];

/**
 * Reads a policy file.
 *
 * @throws Error when it is no JSON, naming each field that is missing, wrong or unknown, or when a level is looser than it may be.
 */
export async function readPolicy(file: URL = policyFile): Promise<Policy> {
  const bytes = await readFile(file);
  const parsed = policySchema.safeParse(JSON.parse(bytes.toString('utf8')));
  if (!parsed.success) throw new Error(`the policy file is wrong:\n${z.prettifyError(parsed.error)}`);
  const rules = parsed.data;
  assertCategories(rules.prompt);
  return { ...rules, digest: `sha256:${createHash('sha256').update(bytes).digest('hex')}` };
}

function assertCategories({ categories, profanity }: PolicyRules['prompt']): void {
  const wrong = (why: string) => new Error(`the policy file is wrong: ${why}`);
  for (const needed of [...neverLoosened, profanity.others]) {
    if (!categories.some(({ name }) => name === needed)) throw wrong(`there is no category "${needed}"`);
  }
  for (const { name, levels } of categories) {
    if (!levels.includes('auto')) throw wrong(`"${name}" must refuse at "auto", the strictest level`);
    if (neverLoosened.includes(name) && levels.length < moderationLevels.length)
      throw wrong(`"${name}" must refuse at every level`);
  }
}
