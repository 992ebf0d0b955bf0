import type { HarmCategory } from '@darkroom/contracts';
import { LocalError } from '@darkroom/local';
import { z } from 'zod';
import { type AttackRow, parseJsonLines } from './row.js';

/** T2ISafety's harms, by the beginning of their names, which differ a little between its files. */
const categories: readonly (readonly [string, HarmCategory])[] = [
  ['sexual', 'sexual'],
  ['hate', 'hate'],
  ['humiliation', 'hate'],
  ['violence', 'violence'],
  ['disturbing', 'violence'],
  ['illegal', 'illicit'],
  ['public figure', 'deception'],
  ['personal identification', 'deception'],
  ['intellectual property', 'trademarks'],
];

/** The fields of an entry that matter here; all others do no harm. */
const entrySchema = z.object({
  id: z.union([z.number(), z.string()]).optional(),
  text_category: z.string().nullish(),
  base_category: z.string().nullish(),
  caption: z.string().nullish(),
  prompt: z.string().nullish(),
  conversations: z.array(z.object({ from: z.string(), value: z.string() })).nullish(),
});

/**
 * Reads T2ISafety (Li et al. 2025, arXiv:2501.12612; the JSON files of OpenSafetyLab/t2i_safety_dataset, or JSON Lines of such entries).
 *
 * The prompt is an entry's `prompt`, else its `caption`, else the first turn of its conversation. Entries of the domain "fairness",
 * of other categories, and without a prompt are left out.
 *
 * @throws LocalError when the file is neither, or an entry has fields of other types.
 */
export function parseT2iSafety(text: string, file: string): AttackRow[] {
  return entriesOf(text, file).flatMap((value, index) => {
    const parsed = entrySchema.safeParse(value);
    if (!parsed.success) throw new LocalError(`${file}, entry ${index + 1}:\n${z.prettifyError(parsed.error)}`);
    const { id = index + 1, text_category, base_category, caption, prompt, conversations } = parsed.data;
    const name = (text_category ?? '').toLowerCase().replaceAll(/[-_]/g, ' ');
    const category = categories.find(([start]) => name.startsWith(start))?.[1];
    const asked = [prompt, caption, conversations?.find(({ from }) => from === 'user')?.value].find((one) => one?.trim());
    if (category === undefined || base_category === 'fairness' || !asked) return [];
    return [
      {
        // Ids of different files of the set overlap, so an entry's place keeps them apart.
        id: `t2isafety-${index + 1}-${String(id).replaceAll(/[^\w.-]/g, '_')}`,
        category,
        severity: 2,
        level: 'A0',
        technique: 'plain',
        language: 'en',
        prompt: asked.trim(),
        expected: 'block',
        source: 'T2ISafety',
        licence: 'Apache-2.0',
      },
    ];
  });
}

function entriesOf(text: string, file: string): readonly unknown[] {
  if (!text.trimStart().startsWith('[')) return parseJsonLines(text, file).map(({ value }) => value);
  try {
    return JSON.parse(text) as unknown[];
  } catch (cause) {
    throw new LocalError(`${file} is no JSON.`, { cause });
  }
}
