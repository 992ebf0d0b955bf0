import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { describe, expect, it } from 'vitest';
import { unsafeIcons, unsafeReason } from './unsafe-icons.js';

const readJson = async (path: string | URL) => JSON.parse(await readFile(path, 'utf8'));
const objects: { icon: string; name: string; plural: string }[] = await readJson(new URL('../objects.json', import.meta.url));
const iconSet = createRequire(import.meta.url).resolve('@iconify-json/fluent-emoji-flat/icons.json');
const icons = Object.keys((await readJson(iconSet)).icons);

describe('the unsafe icons', () => {
  it.each([
    ['crossed-swords', 'weapons'],
    ['skull-and-crossbones', 'gore and death'],
    ['clinking-beer-mugs', 'drugs, alcohol and tobacco'],
    ['kiss-mark', 'sexual innuendo'],
    ['woman-dancing', 'people and bodies'],
    ['waving-hand', 'people and bodies'],
  ])('refuse %s for %s', (icon, reason) => {
    expect(unsafeReason(icon)).toBe(reason);
  });

  it('let everyday things pass', () => {
    expect(['cat', 'hammer', 'mushroom', 'pineapple', 'teddy-bear', 'mango'].map(unsafeReason)).toEqual(Array(6).fill(undefined));
  });

  it('mean icons that the set has, where they name one whole', () => {
    const whole = Object.values(unsafeIcons)
      .flat()
      .filter((name) => !name.includes('*'));
    expect(whole.filter((name) => !icons.includes(name))).toEqual([]);
  });
});

describe('the catalogue of objects', () => {
  it('holds no unsafe icon', () => {
    expect(objects.filter(({ icon }) => unsafeReason(icon) !== undefined)).toEqual([]);
  });

  it('holds only icons of the set, each once', () => {
    expect(objects.filter(({ icon }) => !icons.includes(icon))).toEqual([]);
    expect(new Set(objects.map(({ icon }) => icon)).size).toBe(objects.length);
    expect(new Set(objects.map(({ name }) => name)).size).toBe(objects.length);
  });
});
