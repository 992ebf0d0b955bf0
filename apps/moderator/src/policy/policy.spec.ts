import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { harmCategories } from '@darkroom/contracts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { policyFolder, readPolicy } from './policy.js';

describe('readPolicy', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'policy-'));
  });
  afterAll(() => rm(folder, { recursive: true }));

  // biome-ignore lint/suspicious/noExplicitAny: a file is changed in ways that its type would not allow.
  const changed = async (name: string, change: (content: any) => void) => {
    const copy = await mkdtemp(join(folder, 'copy-'));
    await cp(fileURLToPath(policyFolder), copy, { recursive: true });
    const file = join(copy, name);
    const content = JSON.parse(await readFile(file, 'utf8'));
    change(content);
    await writeFile(file, JSON.stringify(content));
    return pathToFileURL(`${copy}/`);
  };

  it('reads the policy that ships, with its digest and rules for every category', async () => {
    const policy = await readPolicy();
    expect(policy.version).toMatch(/^\d{4}-\d\d-\d\d$/);
    expect(policy.digest).toMatch(/^sha256:[0-9a-f]{64}$/);
    expect(Object.keys(policy.promptRules)).toEqual([...harmCategories]);
  });

  it('has another digest when any of its files is changed', async () => {
    const { digest } = await readPolicy();
    for (const name of ['policy.json', 'prompt-rules/lists.json', 'prompt-rules/trademarks.json']) {
      const policy = await readPolicy(await changed(name, () => {}));
      expect(policy.digest, name).not.toBe(digest);
    }
  });

  it('refuses fields that it does not know, and names them', async () => {
    const settings = changed('policy.json', ({ prompt }) => Object.assign(prompt, { threshhold: 1 }));
    await expect(readPolicy(await settings)).rejects.toThrow(/threshhold/);
    const rule = changed('prompt-rules/hate.json', ({ rules }) => Object.assign(rules[0], { unles: ['museum'] }));
    await expect(readPolicy(await rule)).rejects.toThrow(/hate\.json.*\n.*unles/);
  });

  it('refuses a severity that is none', async () => {
    const folder = await changed('prompt-rules/sexual.json', ({ rules }) => Object.assign(rules[0], { severity: 0 }));
    await expect(readPolicy(folder)).rejects.toThrow(/severity/);
  });

  it('refuses a list that there isn’t', async () => {
    const rule = changed('prompt-rules/hate.json', ({ rules }) => Object.assign(rules[0], { near: ['@nobody'] }));
    await expect(readPolicy(await rule)).rejects.toThrow('@nobody');
    const strict = changed('policy.json', ({ prompt }) => Object.assign(prompt, { strict_about: 'nobody' }));
    await expect(readPolicy(await strict)).rejects.toThrow('nobody');
  });

  it('treats everybody for whom no level is loose at least all whom the rules on children do', async () => {
    const { lists, promptRules, prompt } = await readPolicy();
    const minors = promptRules.child_safety.rules.find(({ reason }) => reason === 'sexualised')?.terms ?? [];
    expect(minors.length).toBeGreaterThan(20);
    expect(lists.get(prompt.strict_about)).toEqual(expect.arrayContaining(minors));
  });
});
