import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { type PromptRules, readPromptRules, type TermLists } from './rule-files.js';

const text = z.string().min(1);
const texts = z.array(text).min(1);

const settingsSchema = z.strictObject({
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

/** What the rules for prompts have in common, as data: `settings.json` checked against its schema. */
export type RuleSettings = z.output<typeof settingsSchema>;

/** One version of the rules for prompts. */
export interface RuleSet extends RuleSettings {
  readonly promptRules: PromptRules;
  readonly lists: TermLists;
  /** SHA-256 of the files' bytes, so that a decision can be replayed against exactly these rules. */
  readonly digest: string;
}

/** Where the rules that ship with the moderator lie, seen from `src` and from `dist` alike. */
export const ruleFolder = new URL('../../../prompt-rules/', import.meta.url);

/** Where their settings lay in earlier versions. */
const formerSettings = new URL('../../../policy/policy.json', import.meta.url);

/**
 * Reads the rules for prompts: `settings.json`, `lists.json`, and one file for each category.
 *
 * @param former a file that must not be there: whoever puts rules of their own where earlier versions had them would be judged by others.
 * @throws Error when it is, or when a file is no JSON, naming each field that is missing, wrong or unknown.
 */
export async function readRuleSet(folder: URL = ruleFolder, former = formerSettings): Promise<RuleSet> {
  if (existsSync(former)) {
    throw new Error(
      `the rules for prompts have moved: ${fileURLToPath(former)} is now ${fileURLToPath(new URL('settings.json', folder))}, and the files of prompt-rules lie beside it`,
    );
  }
  const bytes = await readFile(new URL('settings.json', folder));
  const parsed = settingsSchema.safeParse(JSON.parse(bytes.toString('utf8')));
  if (!parsed.success) throw new Error(`settings.json is wrong:\n${z.prettifyError(parsed.error)}`);
  const settings = parsed.data;
  const read = await readPromptRules(folder);
  if (!read.lists.has(settings.prompt.strict_about)) {
    throw new Error(`settings.json is wrong: lists.json has no list "${settings.prompt.strict_about}"`);
  }
  const digest = createHash('sha256');
  for (const one of [bytes, ...read.bytes]) digest.update(one);
  return { ...settings, promptRules: read.rules, lists: read.lists, digest: `sha256:${digest.digest('hex')}` };
}
