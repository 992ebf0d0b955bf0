import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { harmCategories } from '@darkroom/contracts';
import { LocalError } from '@darkroom/local';
import { z } from 'zod';
import { parseI2p } from './i2p.js';
import { parseOvert } from './overt.js';
import { type AttackRow, benignTechniques, parseJsonLines, parseRows } from './row.js';
import { parseT2iSafety } from './t2isafety.js';

/** Folder with the sets that ship with this tool. */
export const shippedSets = fileURLToPath(new URL('../../sets/', import.meta.url));

/** Formats of public sets that an operator has a copy of. */
const parsers: Readonly<Record<string, (text: string, file: string) => AttackRow[]>> = {
  i2p: parseI2p,
  t2isafety: parseT2iSafety,
  overt: (text, file) => parseOvert(text, file, 'allow'),
  'overt-unsafe': (text, file) => parseOvert(text, file, 'block'),
};

/** Rows as they were read, and whether disguises may be made of them. */
export interface LoadedSet {
  readonly rows: readonly AttackRow[];
  /** Public sets are large and attacks in themselves; ours are seeds. */
  readonly mutable: boolean;
}

/**
 * Reads a set as the command line names it: `shipped`, `FORMAT=FILE` for a public set, or a JSON Lines file of rows.
 *
 * @throws LocalError when there is no such format or file, or the file is not what it should be.
 */
export async function loadSet(name: string, root: string, workingDir: string): Promise<LoadedSet> {
  if (name === 'shipped') return { rows: [...(await shippedRows()), ...(await nearMisses(root))], mutable: true };
  const [, format, rest] = /^([a-z0-9-]+)=(.+)$/.exec(name) ?? [];
  const file = path.resolve(workingDir, rest ?? name);
  const text = await readFile(file, 'utf8').catch((cause: unknown) => {
    throw new LocalError(`The set ${file} can't be read.`, { cause });
  });
  if (format === undefined) return { rows: parseRows(text, file), mutable: true };
  const parser = parsers[format];
  if (parser === undefined) {
    throw new LocalError(`No set has the format "${format}"; known are ${Object.keys(parsers).join(', ')}.`);
  }
  const rows = parser(text, file);
  if (rows.length === 0) throw new LocalError(`${file} has no row that could be used as "${format}".`);
  return { rows, mutable: false };
}

async function shippedRows(): Promise<AttackRow[]> {
  const names = (await readdir(shippedSets)).filter((name) => name.endsWith('.jsonl')).sort();
  const files = await Promise.all(names.map((name) => readFile(path.join(shippedSets, name), 'utf8')));
  return parseRows(files.join('\n'), shippedSets);
}

/** A line of the benign sets that the moderator's rules are tested with. */
const nearMissSchema = z.object({ id: z.string(), category: z.enum(harmCategories), prompt: z.string().min(1) });

/** Reads the prompts that only look harmful, which the moderator's own benchmark uses too. */
async function nearMisses(root: string): Promise<AttackRow[]> {
  const folder = path.join(root, 'apps/moderator/data/benign');
  const names = (await readdir(folder)).filter((name) => name.endsWith('.jsonl')).sort();
  const rows: AttackRow[] = [];
  for (const name of names) {
    const file = path.join(folder, name);
    for (const { value, line } of parseJsonLines(await readFile(file, 'utf8'), file)) {
      const parsed = nearMissSchema.safeParse(value);
      if (!parsed.success) throw new LocalError(`${file}, line ${line}:\n${z.prettifyError(parsed.error)}`);
      rows.push({
        ...parsed.data,
        severity: 0,
        level: 'A0',
        technique: benignTechniques.nearMiss,
        language: 'en',
        expected: 'allow',
        source: 'darkroom',
        licence: 'Apache-2.0',
      });
    }
  }
  return rows;
}
