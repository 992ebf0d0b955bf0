import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { type PromptRules, readPromptRules, type TermLists } from './prompt-rules.js';

const text = z.string().min(1);
const texts = z.array(text).min(1);

const policySchema = z.strictObject({
  version: text,
  prompt: z.strictObject({
    /** A list's name: who is never shown less. A prompt that speaks of them is judged at `auto`, whatever level was asked for. */
    strict_about: text,
    /** Category of each word in obscenity's English list; one in neither list counts as a slur, words that contain it or not. */
    profanity: z.strictObject({ sexual: texts, tolerated: texts, innocent: z.array(text) }),
    /** Terms that are looked for only as written: reversed or in rot13, ordinary words would turn into them. */
    plain_only: texts,
  }),
});

/** What the rules for prompts have in common, as data: `policy/policy.json` checked against its schema. */
export type PolicySettings = z.output<typeof policySchema>;

/** One version of the rules for prompts. */
export interface Policy extends PolicySettings {
  readonly promptRules: PromptRules;
  readonly lists: TermLists;
  /** SHA-256 of the files' bytes, so that a decision can be replayed against exactly these rules. */
  readonly digest: string;
}

/** Where the policy that ships with the moderator lies, seen from `src` and from `dist` alike. */
export const policyFolder = new URL('../../policy/', import.meta.url);

/**
 * Reads a policy: `policy.json` and the folder `prompt-rules`.
 *
 * @throws Error when a file is no JSON, naming each field that is missing, wrong or unknown.
 */
export async function readPolicy(folder: URL = policyFolder): Promise<Policy> {
  const bytes = await readFile(new URL('policy.json', folder));
  const parsed = policySchema.safeParse(JSON.parse(bytes.toString('utf8')));
  if (!parsed.success) throw new Error(`the policy file is wrong:\n${z.prettifyError(parsed.error)}`);
  const settings = parsed.data;
  const read = await readPromptRules(new URL('prompt-rules/', folder));
  if (!read.lists.has(settings.prompt.strict_about)) {
    throw new Error(`the policy file is wrong: lists.json has no list "${settings.prompt.strict_about}"`);
  }
  const digest = createHash('sha256');
  for (const one of [bytes, ...read.bytes]) digest.update(one);
  return { ...settings, promptRules: read.rules, lists: read.lists, digest: `sha256:${digest.digest('hex')}` };
}
