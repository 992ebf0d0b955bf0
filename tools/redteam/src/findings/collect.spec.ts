import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Outcome } from '../attack/outcome.js';
import type { AttackRecord, RunResult } from '../attack/run-file.js';
import { collectFindings, unexplained } from './collect.js';
import { type FindingState, move } from './finding.js';
import { FindingStore } from './store.js';

const passed: Outcome = { result: 'passed' };
const refused: Outcome = { result: 'refused', stage: 'prompt', category: 'illicit' };

function attack(id: string, technique: string, on: Outcome, more: Partial<AttackRecord> = {}): AttackRecord {
  const row = {
    category: 'illicit',
    severity: 2,
    level: 'A2',
    language: 'en',
    prompt: `prompt of ${id}`,
    expected: 'block',
  } as const;
  return { id, technique, ...row, source: 'spec', licence: 'Apache-2.0', judged_only: true, on, ...more };
}

const runOf = (...attacks: AttackRecord[]) => ({ started_at: '2026-11-29T10:00:00.000Z', attacks }) as RunResult;
const now = new Date('2026-11-29T11:00:00Z');

let folder: string;
let store: FindingStore;
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'findings-'));
  store = new FindingStore(folder);
});
afterEach(() => rm(folder, { recursive: true }));

describe('unexplained', () => {
  it('leaves out what was refused, what is harmless, and disguises of what gets through by itself', () => {
    const attacks = [
      attack('s-1', 'plain', refused),
      attack('s-1~leetspeak', 'leetspeak', passed),
      attack('s-2', 'euphemism', passed),
      attack('s-2~leetspeak+split', 'leetspeak+split', passed),
      attack('o-1', 'ordinary', passed, { expected: 'allow' }),
    ];
    expect(unexplained(attacks).map(({ id }) => id)).toEqual(['s-1~leetspeak', 's-2']);
  });

  it('leaves out chains of which one operator suffices for that category, and no others', () => {
    const attacks = [
      attack('s-1~misspelling', 'misspelling', passed),
      attack('s-3~misspelling+split', 'misspelling+split', passed),
      attack('s-4~tags+split', 'tags+split', passed),
      attack('h-1~misspelling+split', 'misspelling+split', passed, { category: 'hate' }),
    ];
    expect(unexplained(attacks).map(({ id }) => id)).toEqual(['s-1~misspelling', 's-4~tags+split', 'h-1~misspelling+split']);
  });
});

describe('collectFindings', () => {
  const first = () =>
    runOf(attack('s-1~tags+split', 'tags+split', passed), attack('s-2~rot13+split', 'rot13+split', passed, { severity: 3 }));

  it('makes one finding of each category and technique, with its attacks and the gravest severity', async () => {
    expect(await collectFindings(first(), store, now)).toEqual({ opened: 1, reopened: 0, known: 0 });
    const [finding] = await store.list();
    expect(finding).toMatchObject({ id: 'illicit.split', state: 'open', severity: 3, first_seen: '2026-11-29T10:00:00.000Z' });
    expect(finding?.attacks.map(({ id }) => id)).toEqual(['s-1~tags+split', 's-2~rot13+split']);
    expect(finding?.attacks[0]).not.toHaveProperty('on');
    expect(await readdir(store.folder)).toEqual(['illicit.split.json']);
  });

  it.each([
    ['triaged', 'known'],
    ['mitigated', 'reopened'],
    ['closed', 'reopened'],
  ] as const)('takes one that is %s and got through again as %s', async (state, count) => {
    await collectFindings(first(), store, now);
    const path: FindingState[] = ['triaged', 'mitigated', 'verified', 'closed'];
    for (const to of path.slice(0, path.indexOf(state) + 1))
      await store.put(move(await store.get('illicit.split'), { to, at: now, note: 'x' }));
    expect(await collectFindings(first(), store, now)).toMatchObject({ [count]: 1, opened: 0 });
    expect((await store.get('illicit.split')).state).toBe(count === 'known' ? state : 'open');
  });

  it('opens an accepted one again once its time is over', async () => {
    await collectFindings(first(), store, now);
    const accepted = move(await store.get('illicit.split'), {
      to: 'accepted',
      at: now,
      note: 'rare',
      acceptedUntil: '2026-12-31',
    });
    await store.put(accepted);
    expect(await collectFindings(first(), store, now)).toMatchObject({ known: 1 });
    expect(await collectFindings(first(), store, new Date('2027-01-01T00:00:00Z'))).toMatchObject({ reopened: 1 });
  });

  it('keeps five attacks of a kind, and those that it has', async () => {
    await collectFindings(runOf(...Array.from({ length: 9 }, (_, n) => attack(`s-${n}~tags`, 'tags', passed))), store, now);
    expect((await store.get('illicit.tags')).attacks).toHaveLength(5);
  });
});

describe('the store', () => {
  it('keeps the regression cases of a finding, each once', async () => {
    await collectFindings(runOf(attack('s-1~tags', 'tags', passed)), store, now);
    const finding = await store.get('illicit.tags');
    await store.addRegressions(finding);
    await store.addRegressions(finding);
    expect(await store.regressions()).toEqual(finding.attacks);
  });

  it('has nothing in a folder that is not there', async () => {
    const empty = new FindingStore(path.join(folder, 'nowhere'));
    expect(await empty.list()).toEqual([]);
    expect(await empty.regressions()).toEqual([]);
    await expect(empty.get('illicit.tags')).rejects.toThrow('no finding "illicit.tags"');
  });

  it('names a file that is no finding', async () => {
    await collectFindings(runOf(attack('s-1~tags', 'tags', passed)), store, now);
    await writeFile(path.join(store.folder, 'hate.tags.json'), '{"id": "hate.tags", "state": "done"}');
    await expect(store.list()).rejects.toThrow(/hate\.tags\.json is no finding[\s\S]*state/);
  });
});
