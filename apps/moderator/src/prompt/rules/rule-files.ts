import { readFile } from 'node:fs/promises';
import { type HarmCategory, harmCategories } from '@darkroom/contracts';
import { z } from 'zod';

const text = z.string().min(1);

/** Terms and names of lists ("@minor"), one of which must be found. */
const texts = z.array(text).min(1);

const rule = z.strictObject({
  /** Names the rule within its category; a verdict's reason is both, for instance `sexual.real_person`. */
  reason: z.string().regex(/^[a-z_]+$/),
  severity: z.union([z.literal(1), z.literal(2), z.literal(3)]),
  terms: texts,
  /** One of these must stand within a sentence's length of the term, before or after it. */
  near: texts.optional(),
  /** One of these must follow within a few words. */
  followed_by: texts.optional(),
  /** The rule doesn't hold when one of these stands within a sentence's length: a context that means no harm. */
  unless: texts.optional(),
});

const categoryRules = z.strictObject({
  about: text,
  rules: z.array(rule).min(1),
  /** Phrases taken out before anything is looked for, since they contain a term and mean no harm. */
  innocent: z.array(text).default([]),
});

/** One rule of a category; a prompt breaks it when all that it asks for is found. */
export type PromptRule = z.output<typeof rule>;

/** The rules of every category, with all lists written out. */
export type PromptRules = Readonly<Record<HarmCategory, z.output<typeof categoryRules>>>;

/** Lists of terms by their names, with the lists that they name written out. */
export type TermLists = ReadonlyMap<string, readonly string[]>;

/** What was read, and the bytes it was read from, for the rules' digest. */
export interface PromptRulesFiles {
  readonly rules: PromptRules;
  readonly lists: TermLists;
  readonly bytes: readonly Buffer[];
}

/**
 * Reads `lists.json` and one file for each category of the taxonomy from a folder.
 *
 * @throws Error when a file is missing or no JSON, or naming each field that is missing, wrong or unknown, or a list that nobody knows.
 */
export async function readPromptRules(folder: URL): Promise<PromptRulesFiles> {
  const bytes = await Promise.all(['lists', ...harmCategories].map((name) => readFile(new URL(`${name}.json`, folder))));
  const [listBytes, ...categoryBytes] = bytes;
  const named = check('lists.json', z.record(text, texts), listBytes);
  const lists: TermLists = new Map(Object.keys(named).map((name) => [name, writtenOut(named[name] ?? [], named)]));
  const entries = harmCategories.map((category, index) => {
    const { rules, ...rest } = check(`${category}.json`, categoryRules, categoryBytes[index]);
    const expand = (terms: readonly string[] | undefined) => terms && writtenOut(terms, named);
    const expanded = rules.map(({ terms, near, followed_by, unless, ...one }) => ({
      ...one,
      terms: writtenOut(terms, named),
      near: expand(near),
      followed_by: expand(followed_by),
      unless: expand(unless),
    }));
    return [category, { ...rest, rules: expanded }];
  });
  return { rules: Object.fromEntries(entries) as PromptRules, lists, bytes };
}

/** Puts the terms of a list in place of its name. */
export function writtenOut(terms: readonly string[], lists: Readonly<Record<string, readonly string[]>>): string[] {
  return terms.flatMap((term) => {
    if (!term.startsWith('@')) return [term];
    const list = lists[term.slice(1)];
    if (list === undefined) throw new Error(`the rules name a list "${term}" that lists.json doesn't have`);
    return writtenOut(list, lists);
  });
}

function check<T extends z.ZodType>(name: string, schema: T, bytes: Buffer | undefined): z.output<T> {
  const parsed = schema.safeParse(JSON.parse(bytes?.toString('utf8') ?? ''));
  if (!parsed.success) throw new Error(`${name} is wrong:\n${z.prettifyError(parsed.error)}`);
  return parsed.data;
}
