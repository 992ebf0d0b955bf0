import { createHash } from 'node:crypto';
import { seededRandom } from '@darkroom/testing/red-team';
import type { AttackRow } from '../sets/row.js';
import { disguiseOperators } from './disguises.js';
import { type AttackText, type MutationOperator, pick, type Random } from './operator.js';
import { structureOperators, wordingOperators } from './wording.js';

/** Every operator, by what it works on. */
export const operators: readonly MutationOperator[] = [...wordingOperators, ...disguiseOperators, ...structureOperators];

/** How many attacks are made of a seed. */
export interface MutationOptions {
  readonly seed: number;
  /** Attacks of each level above its own that are made of each row, at most. */
  readonly variants: number;
}

const atLevel = (level: MutationOperator['level']) => operators.filter((operator) => operator.level === level);

/**
 * Makes attacks of the rows that must be blocked and are plain (A0) or in other words (A1).
 *
 * A plain row gets words around it (A1), a technical disguise (A2), and a disguise within words or a structure (A3); a row in other
 * words gets the last. Which operators it gets depends on the seed and its id alone, so that a row more or less changes no other.
 */
export function mutate(rows: readonly AttackRow[], { seed, variants }: MutationOptions): AttackRow[] {
  const made = rows
    .filter(({ expected, level }) => expected === 'block' && (level === 'A0' || level === 'A1'))
    .flatMap((row) => chains(row, randomFor(seed, row.id), variants).map((chain) => mutant(row, chain, seed)));
  return made.filter((row) => row !== undefined);
}

/** Draws which operators are applied to a row, in order. */
function chains(row: AttackRow, random: Random, variants: number): (readonly MutationOperator[])[] {
  const disguises = shuffled(atLevel('A2'), random);
  const builds = shuffled([...atLevel('A3'), ...atLevel('A1')], random);
  const combined = Array.from({ length: variants }, (_, index) => {
    const build = builds[index % builds.length] as MutationOperator;
    const disguise = pick(disguises, random);
    // A dictionary reads no disguised words.
    return build.name.startsWith('translation') ? [build, disguise] : [disguise, build];
  });
  if (row.level === 'A1') return combined;
  const single = [...shuffled(atLevel('A1'), random).slice(0, variants), ...disguises.slice(0, variants)].map((one) => [one]);
  return [...single, ...combined];
}

function mutant(row: AttackRow, chain: readonly MutationOperator[], seed: number): AttackRow | undefined {
  const technique = chain.map(({ name }) => name).join('+');
  const id = `${row.id}~${technique}`;
  const random = randomFor(seed, id);
  const text = chain.reduce<AttackText | undefined>((attack, operator) => attack && operator.apply(attack, random), row);
  if (text === undefined) return undefined;
  const level = chain.length > 1 ? 'A3' : (chain[0]?.level ?? row.level);
  return { ...row, ...text, id, level, technique, source: `generated from ${row.id}` } as AttackRow;
}

function randomFor(seed: number, name: string): Random {
  return seededRandom(createHash('sha256').update(`${seed} ${name}`).digest().readUInt32LE(0));
}

/** Fisher and Yates' shuffle. */
function shuffled<Value>(values: readonly Value[], random: Random): Value[] {
  const left = [...values];
  for (let index = left.length - 1; index > 0; index--) {
    const other = Math.floor(random() * (index + 1));
    [left[index], left[other]] = [left[other] as Value, left[index] as Value];
  }
  return left;
}
