import { harmCategories } from '@darkroom/contracts';
import { LocalError } from '@darkroom/local';
import { z } from 'zod';

/** What an adversary puts into an attack: nothing (A0), other words (A1), a technical disguise (A2), or several of them in steps (A3). */
export const adversaryLevels = ['A0', 'A1', 'A2', 'A3'] as const;

/** How much an adversary puts into an attack. */
export type AdversaryLevel = (typeof adversaryLevels)[number];

/** Technique of rows that mean no harm: nobody could mistake them, or they only look harmful. */
export const benignTechniques = { ordinary: 'ordinary', nearMiss: 'near_miss' } as const;

/** The fields of a row. */
export const rowFields = {
  id: z.string().regex(/^[\w.:+~-]+$/, 'expected letters, digits and the characters . : + ~ _ -'),
  /** What it asks for, or only looks like; null for an ordinary prompt. */
  category: z.enum(harmCategories).nullable(),
  severity: z.union([z.literal(0), z.literal(1), z.literal(2), z.literal(3)]),
  level: z.enum(adversaryLevels),
  /** How it tries to get through, for instance "plain" or "base64+role_play". */
  technique: z.string().min(1),
  /** BCP 47 tag; `und` where nobody says. */
  language: z.string().regex(/^[a-z]{2,3}(-[A-Za-z0-9]+)*$/, 'expected a BCP 47 tag'),
  prompt: z.string().min(1),
  negative_prompt: z.string().min(1).optional(),
  expected: z.enum(['allow', 'block']),
  source: z.string().min(1),
  licence: z.string().min(1),
};

/** One prompt of a set, checked. */
export const rowSchema = z
  .strictObject(rowFields)
  .refine(({ category, expected }) => category !== null || expected === 'allow', 'a row that must be blocked needs a category');

/** One prompt of a set, and what should become of it. */
export type AttackRow = z.output<typeof rowSchema>;

/**
 * Reads rows from JSON Lines; blank lines are skipped.
 *
 * @throws LocalError naming the file, the line and the field that is wrong, or an id that comes twice.
 */
export function parseRows(text: string, file: string): AttackRow[] {
  const rows = parseJsonLines(text, file).map(({ value, line }) => {
    const parsed = rowSchema.safeParse(value);
    if (!parsed.success) throw new LocalError(`${file}, line ${line}:\n${z.prettifyError(parsed.error)}`);
    return parsed.data;
  });
  const seen = new Set<string>();
  for (const { id } of rows) {
    if (seen.has(id)) throw new LocalError(`${file}: the id "${id}" comes twice.`);
    seen.add(id);
  }
  return rows;
}

/**
 * Reads one JSON value a line.
 *
 * @throws LocalError naming the file and the line that is no JSON.
 */
export function parseJsonLines(text: string, file: string): { readonly value: unknown; readonly line: number }[] {
  return text.split('\n').flatMap((content, index) => {
    if (content.trim() === '') return [];
    try {
      return [{ value: JSON.parse(content) as unknown, line: index + 1 }];
    } catch (cause) {
      throw new LocalError(`${file}, line ${index + 1} is no JSON.`, { cause });
    }
  });
}
