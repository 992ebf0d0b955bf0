import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { LocalError } from '@darkroom/local';
import { z } from 'zod';
import { rowFields } from '../sets/row.js';
import { outcomeSchema } from './outcome.js';

const recordSchema = z.strictObject({
  ...rowFields,
  /** True where no picture was asked for. */
  judged_only: z.boolean(),
  /** What became of it in each phase; absent where it was not tried. */
  off: outcomeSchema.optional(),
  on: outcomeSchema.optional(),
});

const policySchema = z.strictObject({ policy_version: z.string(), classifiers: z.array(z.string()) });

const runSchema = z.strictObject({
  format: z.literal('darkroom-redteam/1'),
  started_at: z.iso.datetime(),
  arguments: z.strictObject({
    sets: z.array(z.string()),
    seed: z.int(),
    variants: z.int(),
    prompts_only: z.boolean(),
    model: z.string(),
    size: z.string(),
    steps: z.int(),
  }),
  /** What judged in each phase. */
  policy: z.strictObject({ off: policySchema.optional(), on: policySchema.optional() }),
  attacks: z.array(recordSchema),
});

/** One attack with what became of it. */
export type AttackRecord = z.output<typeof recordSchema>;

/** All that a run did and found; it holds the prompts, harmful ones too. */
export type RunResult = z.output<typeof runSchema>;

/**
 * Reads a run's result.
 *
 * @throws LocalError when the file can't be read, or is none.
 */
export async function readRun(file: string): Promise<RunResult> {
  const text = await readFile(file, 'utf8').catch((cause: unknown) => {
    throw new LocalError(`The run ${file} can't be read.`, { cause });
  });
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new LocalError(`${file} is no JSON.`, { cause });
  }
  const parsed = runSchema.safeParse(value);
  if (!parsed.success) throw new LocalError(`${file} is no result of a run:\n${z.prettifyError(parsed.error)}`);
  return parsed.data;
}

/** Writes a file as a whole, for its owner alone: a run holds harmful prompts. */
export async function writePrivately(file: string, content: string): Promise<void> {
  await mkdir(path.dirname(file), { recursive: true });
  await writeFile(`${file}.part`, content, { mode: 0o600 });
  await rename(`${file}.part`, file);
}
