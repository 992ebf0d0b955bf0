import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { harmCategories } from '@darkroom/contracts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readRuleSet, ruleFolder } from './rule-set.js';

describe('readRuleSet', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'rules-'));
  });
  afterAll(() => rm(folder, { recursive: true }));

  // biome-ignore lint/suspicious/noExplicitAny: a file is changed in ways that its type would not allow.
  const changed = async (name: string, change: (content: any) => void) => {
    const copy = await mkdtemp(join(folder, 'copy-'));
    await cp(fileURLToPath(ruleFolder), copy, { recursive: true });
    const file = join(copy, name);
    const content = JSON.parse(await readFile(file, 'utf8'));
    change(content);
    await writeFile(file, JSON.stringify(content));
    return pathToFileURL(`${copy}/`);
  };

  it('reads the rules that ship, with their digest and for every category', async () => {
    const rules = await readRuleSet();
    expect(rules.version).toMatch(/^\d{4}-\d\d-\d\d(\.\d+)?$/);
    expect(rules.digest).toMatch(/^sha256:[0-9a-f]{64}$/);
    expect(Object.keys(rules.promptRules)).toEqual([...harmCategories]);
  });

  it('has another digest when any of its files is changed', async () => {
    const { digest } = await readRuleSet();
    for (const name of ['settings.json', 'lists.json', 'trademarks.json']) {
      const rules = await readRuleSet(await changed(name, () => {}));
      expect(rules.digest, name).not.toBe(digest);
    }
  });

  it('refuses fields that it does not know, and names them', async () => {
    const settings = changed('settings.json', ({ prompt }) => Object.assign(prompt, { threshhold: 1 }));
    await expect(readRuleSet(await settings)).rejects.toThrow(/threshhold/);
    const rule = changed('hate.json', ({ rules }) => Object.assign(rules[0], { unles: ['museum'] }));
    await expect(readRuleSet(await rule)).rejects.toThrow(/hate\.json.*\n.*unles/);
  });

  it('reads none past those that somebody has where an earlier version had them', async () => {
    const former = new URL('settings.json', await changed('settings.json', () => {}));
    await expect(readRuleSet(ruleFolder, former)).rejects.toThrow(fileURLToPath(former));
  });

  it('refuses a severity that is none', async () => {
    const folder = await changed('sexual.json', ({ rules }) => Object.assign(rules[0], { severity: 0 }));
    await expect(readRuleSet(folder)).rejects.toThrow(/severity/);
  });

  it('refuses a list that there isn’t', async () => {
    const rule = changed('hate.json', ({ rules }) => Object.assign(rules[0], { near: ['@nobody'] }));
    await expect(readRuleSet(await rule)).rejects.toThrow('@nobody');
    const strict = changed('settings.json', ({ prompt }) => Object.assign(prompt, { strict_about: 'nobody' }));
    await expect(readRuleSet(await strict)).rejects.toThrow('nobody');
  });

  it('treats everybody for whom no level is loose at least all whom the rules on children do', async () => {
    const { lists, promptRules, prompt } = await readRuleSet();
    const minors = promptRules.child_safety.rules.find(({ reason }) => reason === 'sexualised')?.terms ?? [];
    expect(minors.length).toBeGreaterThan(20);
    expect(lists.get(prompt.strict_about)).toEqual(expect.arrayContaining(minors));
  });
});
