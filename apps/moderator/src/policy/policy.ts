import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { harmCategories } from '@darkroom/contracts';
import { type ModerationLevel, moderationLevels } from '@darkroom/contracts/http';
import { z } from 'zod';
import { type PromptRules, readPromptRules, type TermLists } from './prompt-rules.js';
import type { RefusedSeverities } from './verdict.js';

const text = z.string().min(1);
const texts = z.array(text).min(1);

/** The least severity that refuses; 4 is none, so that the category is only reported. */
const refusedSeverity = z.int().min(1).max(4);

const policySchema = z.strictObject({
  version: text,
  prompt: z.strictObject({
    /** By category and by the level that a request asks for. */
    refuse_at: z.record(z.enum(harmCategories), z.record(z.enum(moderationLevels), refusedSeverity)),
    /** A list's name: who is never shown less. A prompt that speaks of them is judged at `auto`, whatever level was asked for. */
    strict_about: text,
    /** Category of each word in obscenity's English list; one in neither list counts as a slur, words that contain it or not. */
    profanity: z.strictObject({ sexual: texts, tolerated: texts, innocent: z.array(text) }),
    /** Terms that are looked for only as written: reversed or in rot13, ordinary words would turn into them. */
    plain_only: texts,
  }),
  /** Pictures are judged alike at every level. */
  image: z.strictObject({
    refuse_at: z.partialRecord(z.enum(harmCategories), refusedSeverity),
  }),
});

/** What is refused from which severity on, as data: `policy/policy.json` checked against its schema. */
export type PolicySettings = z.output<typeof policySchema>;

/** One version of the policy. */
export interface Policy extends PolicySettings {
  readonly promptRules: PromptRules;
  readonly lists: TermLists;
  /** SHA-256 of the files' bytes, so that a decision can be replayed against exactly these rules. */
  readonly digest: string;
}

/** Where the policy that ships with the moderator lies, seen from `src` and from `dist` alike. */
export const policyFolder = new URL('../../policy/', import.meta.url);

/** Categories of prompts that refuse at every level alike, whatever a policy says. */
const neverLoosened = ['child_safety', 'sexual'] as const;

/**
 * Reads a policy: `policy.json` and the folder `prompt-rules`.
 *
 * @throws Error when a file is no JSON, naming each field that is missing, wrong or unknown, or when a level is looser than it may be.
 */
export async function readPolicy(folder: URL = policyFolder): Promise<Policy> {
  const bytes = await readFile(new URL('policy.json', folder));
  const parsed = policySchema.safeParse(JSON.parse(bytes.toString('utf8')));
  if (!parsed.success) throw new Error(`the policy file is wrong:\n${z.prettifyError(parsed.error)}`);
  const settings = parsed.data;
  const read = await readPromptRules(new URL('prompt-rules/', folder));
  assertLevels(settings.prompt);
  if (!read.lists.has(settings.prompt.strict_about)) {
    throw new Error(`the policy file is wrong: lists.json has no list "${settings.prompt.strict_about}"`);
  }
  const digest = createHash('sha256');
  for (const one of [bytes, ...read.bytes]) digest.update(one);
  return { ...settings, promptRules: read.rules, lists: read.lists, digest: `sha256:${digest.digest('hex')}` };
}

/** Gives the least severity of each category that refuses a prompt at a level. */
export function refusedAt({ prompt }: PolicySettings, level: ModerationLevel): RefusedSeverities {
  return Object.fromEntries(harmCategories.map((category) => [category, prompt.refuse_at[category][level]]));
}

function assertLevels({ refuse_at }: PolicySettings['prompt']): void {
  const wrong = (why: string) => new Error(`the policy file is wrong: ${why}`);
  for (const category of harmCategories) {
    const { auto, low } = refuse_at[category];
    if (low < auto) throw wrong(`"${category}" must not be stricter at "low" than at "auto", the strictest level`);
  }
  for (const category of neverLoosened) {
    const { auto, low } = refuse_at[category];
    if (low !== auto || auto > 2) throw wrong(`"${category}" must refuse from severity 1 or 2 on, at every level alike`);
  }
}
