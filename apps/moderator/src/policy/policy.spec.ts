import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Policy, policyFile, readPolicy } from './policy.js';
import { decide } from './verdict.js';

describe('readPolicy', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'policy-'));
  });
  afterAll(() => rm(folder, { recursive: true }));

  const changed = async (change: (rules: Record<string, Record<string, unknown>>) => void) => {
    const rules = JSON.parse(await readFile(policyFile, 'utf8'));
    change(rules);
    const file = join(folder, 'policy.json');
    await writeFile(file, JSON.stringify(rules));
    return pathToFileURL(file);
  };

  it('reads the policy that ships, with its digest', async () => {
    const policy = await readPolicy();
    expect(policy.version).toMatch(/^\d{4}-\d\d-\d\d$/);
    expect(policy.digest).toMatch(/^sha256:[0-9a-f]{64}$/);
  });

  it('refuses fields that it does not know, and names them', async () => {
    const file = await changed((rules) => Object.assign(rules['image'] as object, { threshhold: 1 }));
    await expect(readPolicy(file)).rejects.toThrow(/threshhold/);
  });

  it('refuses a threshold that would refuse everything or nothing', async () => {
    for (const threshold of [0, 1, '0.5']) {
      const refuse = [{ category: 'sexual', classes: ['porn'], threshold }];
      await expect(readPolicy(await changed((rules) => Object.assign(rules['image'] as object, { refuse })))).rejects.toThrow(
        /threshold/,
      );
    }
  });

  const withCategory = (name: string, change: object) =>
    changed((rules) => {
      const categories = rules['prompt']?.['categories'] as { name: string }[];
      for (const category of categories) if (category.name === name) Object.assign(category, change);
    });

  it.each(['minors', 'sexual'])('refuses to loosen %s, or to do without it', async (name) => {
    await expect(readPolicy(await withCategory(name, { levels: ['auto'] }))).rejects.toThrow(
      `"${name}" must refuse at every level`,
    );
    await expect(readPolicy(await withCategory(name, { name: 'other' }))).rejects.toThrow(`no category "${name}"`);
  });

  it('refuses a category that is stricter at low than at auto, and a level that nobody knows', async () => {
    await expect(readPolicy(await withCategory('hate', { levels: ['low'] }))).rejects.toThrow('"hate" must refuse at "auto"');
    await expect(readPolicy(await withCategory('hate', { levels: ['auto', 'lax'] }))).rejects.toThrow(/levels/);
  });

  it('refuses a category of profanity that has no rules', async () => {
    const file = await changed((rules) => Object.assign(rules['prompt']?.['profanity'] as object, { others: 'rudeness' }));
    await expect(readPolicy(file)).rejects.toThrow('rudeness');
  });
});

describe('decide', () => {
  const policy = { version: 'v' } as Policy;

  it('refuses at the threshold, not below it, and keeps every score', () => {
    const findings = [
      { category: 'suggestive', score: 0.9 },
      { category: 'sexual', score: 0.5, threshold: 0.5 },
    ];
    expect(decide(findings, ['c'], policy)).toEqual({
      allowed: false,
      category: 'sexual',
      scores: [
        { category: 'suggestive', score: 0.9 },
        { category: 'sexual', score: 0.5 },
      ],
      classifiers: ['c'],
      policyVersion: 'v',
    });
    expect(decide([{ category: 'sexual', score: 0.49, threshold: 0.5 }], [], policy)).toMatchObject({
      allowed: true,
      category: '',
    });
  });

  it.each([Number.NaN, -0.1, 1.1, Number.POSITIVE_INFINITY])('gives no verdict on a score of %d', (score) => {
    expect(() => decide([{ category: 'sexual', score, threshold: 0.5 }], [], policy)).toThrow(TypeError);
  });
});
