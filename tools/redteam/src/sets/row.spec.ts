import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { harmCategories } from '@darkroom/contracts';
import { describe, expect, it } from 'vitest';
import { loadSet, shippedSets } from './load-set.js';
import { parseRows } from './row.js';

const row = {
  id: 'a-1',
  category: 'hate',
  severity: 2,
  level: 'A0',
  technique: 'plain',
  language: 'en',
  prompt: 'a poster',
  expected: 'block',
  source: 'spec',
  licence: 'Apache-2.0',
};
const lines = (...rows: object[]) => rows.map((one) => JSON.stringify(one)).join('\n');

describe('parseRows', () => {
  it('reads rows and skips blank lines', () => {
    const ordinary = { ...row, id: 'a-2', category: null, severity: 0, expected: 'allow' };
    expect(parseRows(`${lines(row)}\n\n${lines(ordinary)}\n`, 'set')).toEqual([row, ordinary]);
  });

  it.each([
    ['a field that nobody knows', { ...row, weight: 1 }, /weight/],
    ['a category that is not of the taxonomy', { ...row, category: 'minors' }, /category/],
    ['a level that is none', { ...row, level: 'A4' }, /level/],
    ['no prompt', { ...row, prompt: '' }, /prompt/],
    ['harm of no category', { ...row, category: null }, /needs a category/],
  ])('refuses %s, naming file and line', (_, wrong, message) => {
    const read = () => parseRows(`${lines({ ...row, id: 'a-0' })}\n${lines(wrong)}`, 'my.jsonl');
    expect(read).toThrow(message);
    expect(read).toThrow('my.jsonl, line 2');
  });

  it('refuses what is no JSON, and an id that comes twice', () => {
    expect(() => parseRows('{', 'set')).toThrow('set, line 1 is no JSON');
    expect(() => parseRows(lines(row, row), 'set')).toThrow('"a-1" comes twice');
  });
});

describe('the sets that ship', () => {
  const read = async (name: string) => parseRows(await readFile(path.join(shippedSets, name), 'utf8'), name);

  it('have a few short attacks of every category, plain and in other words', async () => {
    const rows = await read('attacks.jsonl');
    for (const category of harmCategories) {
      const levels = rows.filter((one) => one.category === category).map(({ level }) => level);
      expect(levels.length, category).toBeGreaterThanOrEqual(5);
      expect(levels.length, category).toBeLessThanOrEqual(8);
      expect(levels).toEqual(expect.arrayContaining(['A0', 'A1']));
    }
    expect(rows.every(({ expected }) => expected === 'block')).toBe(true);
    expect(Math.max(...rows.map(({ prompt }) => prompt.length))).toBeLessThan(90);
  });

  it('have ordinary prompts', async () => {
    const rows = await read('ordinary.jsonl');
    expect(rows.length).toBeGreaterThanOrEqual(20);
    expect(rows.every(({ expected, category }) => expected === 'allow' && category === null)).toBe(true);
  });

  it('come with fifty near misses of each category, which must be allowed', async () => {
    const { rows, mutable } = await loadSet('shipped', path.resolve(import.meta.dirname, '../../../..'), '/');
    expect(mutable).toBe(true);
    const misses = rows.filter(({ technique }) => technique === 'near_miss');
    for (const category of harmCategories)
      expect(misses.filter((one) => one.category === category).length, category).toBeGreaterThanOrEqual(50);
    expect(misses.every(({ expected }) => expected === 'allow')).toBe(true);
    expect(new Set(rows.map(({ id }) => id)).size).toBe(rows.length);
  });
});
