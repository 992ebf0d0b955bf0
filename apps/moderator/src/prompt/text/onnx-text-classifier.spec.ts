/** The text classifier on the model that ships: what it finds, what it leaves alone, and what keeps it from being loaded. */
import { createHash } from 'node:crypto';
import { cp, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { harmCategories } from '@darkroom/contracts';
import { type TemporaryFolder, temporaryFolder } from '@darkroom/testing';
import { controls, disguisedPrompts, ordinaryPrompts, readNearMisses } from '@darkroom/testing/red-team';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { usualPolicy } from '../../policy/policies.js';
import { verdictOf } from '../../policy/verdict.js';
import type { PromptClassifier } from '../prompt-classifier.js';
import { RuleClassifier } from '../rules/rule-classifier.js';
import { readRuleSet } from '../rules/rule-set.js';
import { OnnxTextClassifier } from './onnx-text-classifier.js';

const shipped = fileURLToPath(new URL('../../../../../models/moderation-text', import.meta.url));
const data = new URL('../../../data/', import.meta.url);

/** The share of each style that docs/moderation.md gives. */
const publishedRecall = { plain: 0.3, oblique: 0.03 };

let classifier: OnnxTextClassifier;
beforeAll(async () => {
  classifier = await OnnxTextClassifier.load(shipped);
});
afterAll(() => classifier.close());

/** The categories that would be refused by default. */
async function refused(prompt: string, judge: PromptClassifier = classifier): Promise<string[]> {
  const where = { stage: 'prompt', level: 'auto', classifiers: [], calibrations: [] } as const;
  const { findings } = await judge.classify(prompt);
  return findings.filter((finding) => !verdictOf([finding], usualPolicy, where).allowed).map(({ category }) => category);
}

/** What the specs read of a held-out prompt. */
interface Row {
  readonly prompt: string;
  readonly style?: string;
}

async function rows(file: string): Promise<Row[]> {
  return (await readFile(new URL(file, data), 'utf8'))
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Row);
}

describe('harmless prompts', () => {
  /** Those that the classifier would refuse. */
  const wrong = async (prompts: readonly string[]): Promise<string[]> => {
    const list: string[] = [];
    for (const prompt of prompts) for (const category of await refused(prompt)) list.push(`${category}: ${prompt}`);
    return list;
  };

  it('drawn as the training’s were pass', async () => {
    expect(await wrong((await rows('ordinary.jsonl')).map(({ prompt }) => prompt))).toEqual([]);
  });

  it('of everyday kinds, which its training never saw, pass but for 0.1 %', async () => {
    const prompts = ordinaryPrompts(3000);
    const found = await wrong(prompts);
    expect(found.length / prompts.length, found.join('\n')).toBeLessThanOrEqual(0.001);
  });

  it('near what each category refuses pass, but for 2 %', async () => {
    const prompts = (await readNearMisses(new URL('benign/', data))).map(({ prompt }) => prompt);
    const found = await wrong(prompts);
    expect(found.length / prompts.length, found.join('\n')).toBeLessThanOrEqual(0.02);
  });

  it('in disguise pass, but for 0.5 %', async () => {
    const prompts = disguisedPrompts(controls).map(({ prompt }) => prompt);
    const found = await wrong(prompts);
    expect(found.length / prompts.length, found.join('\n')).toBeLessThanOrEqual(0.005);
  });
});

describe('the shipped text classifier', () => {
  it.each(Object.entries(publishedRecall))(
    'finds of %s paraphrases that no rule finds no less than was published',
    async (style, least) => {
      const rules = new RuleClassifier(await readRuleSet());
      let asked = 0;
      let found = 0;
      for (const { prompt } of (await rows('paraphrases.jsonl')).filter((row) => row.style === style)) {
        if ((await refused(prompt, rules)).length > 0) continue;
        asked += 1;
        if ((await refused(prompt)).length > 0) found += 1;
      }
      expect(asked).toBeGreaterThan(10);
      expect(found / asked, `${found} of ${asked}`).toBeGreaterThanOrEqual(least);
    },
  );

  it('says which category, how grave and how sure', async () => {
    const { findings, isStrict } = await classifier.classify('a masked man strangling a shopkeeper in an alley');
    expect(isStrict).toBe(false);
    expect(findings).toContainEqual({
      category: 'violence',
      score: expect.closeTo(1, 0),
      severity: 3,
      reason: 'violence.classifier',
    });
    expect(findings).toContainEqual({ category: 'hate', score: expect.closeTo(0, 1), severity: 0, reason: '' });
    expect(findings.map(({ category }) => category)).toEqual([...harmCategories]);
  });

  it('is not fooled by capitals, accents or look-alike letters', async () => {
    for (const prompt of [
      'A MASKED MAN STRANGLING A SHOPKEEPER',
      'ä måsked mãn stränglíng a shopkeeper',
      'а mаskеd mаn strаngling а shорkеереr',
    ]) {
      expect(await refused(prompt), prompt).toContain('violence');
    }
  });

  it('reads a long prompt whole', async () => {
    const ordinary = 'a quiet morning in the village, bread and coffee on a wooden table. ';
    expect(await refused(ordinary.repeat(400))).toEqual([]);
    for (const place of [0, 200, 399]) {
      const parts = Array.from({ length: 400 }, (_, index) =>
        index === place ? 'a masked man strangling a shopkeeper with bare hands in an alley. ' : ordinary,
      );
      expect(await refused(parts.join('')), `at ${place}`).toContain('violence');
    }
  });

  it.each(['', ' ', '🍎🍏', '...'])('finds nothing in %j', async (prompt) => {
    expect(await refused(prompt)).toEqual([]);
  });
});

it('gives no verdict once its thread has ended', async () => {
  const other = await OnnxTextClassifier.load(shipped);
  await other.close();
  await expect(other.classify('a red apple')).rejects.toMatchObject({ code: 'unavailable' });
});

describe('a text classifier is not loaded', () => {
  let folder: TemporaryFolder;
  beforeEach(async () => {
    folder = await temporaryFolder();
    await cp(shipped, folder.path, { recursive: true });
  });
  afterEach(() => folder.remove());

  it.each(['model.onnx', 'config.json', 'reference.json'])('when %s is altered', async (file) => {
    const bytes = await readFile(join(folder.path, file));
    bytes[bytes.length >> 1] = (bytes[bytes.length >> 1] ?? 0) ^ 1;
    await writeFile(join(folder.path, file), bytes);
    await expect(OnnxTextClassifier.load(folder.path)).rejects.toMatchObject({
      code: 'model_damaged',
      message: expect.stringMatching(`${file} should be sha256:[0-9a-f]{64} but is sha256:[0-9a-f]{64}`),
    });
  });

  /** Changes its manifest, with a digest that fits. */
  async function withConfig(change: (config: Config) => object): Promise<string> {
    const config = JSON.parse(await readFile(join(folder.path, 'config.json'), 'utf8')) as Config;
    const bytes = Buffer.from(JSON.stringify({ ...config, ...change(config) }));
    const { files } = JSON.parse(await readFile(join(folder.path, 'digests.json'), 'utf8')) as { files: Record<string, string> };
    files['config.json'] = `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
    await writeFile(join(folder.path, 'config.json'), bytes);
    await writeFile(join(folder.path, 'digests.json'), JSON.stringify({ files }));
    return folder.path;
  }

  it.each<[string, (config: Config) => object, string]>([
    ['another output', () => ({ output_name: 'scores' }), 'output scores is missing'],
    ['fewer labels than values', ({ labels }) => ({ labels: labels.slice(1) }), 'values for 23 labels'],
    ['no harm that we know', ({ labels }) => ({ labels: [{ ...labels[0], category: 'rudeness' }] }), 'category'],
    [
      'windows that leave words out',
      ({ features }) => ({ features: { ...features, stride: 25 } }),
      'must not be longer than a window',
    ],
    [
      'n-grams of another length',
      ({ features }) => ({ features: { ...features, characters: [2, 4] } }),
      "doesn't compute what it should",
    ],
  ])('with %s', async (_what, change, message) => {
    const path = await withConfig(change);
    await expect(OnnxTextClassifier.load(path)).rejects.toMatchObject({
      code: 'model_damaged',
      message: expect.stringContaining(message),
    });
  });
});

/** What the specs change of a manifest. */
interface Config {
  readonly features: object;
  readonly labels: readonly object[];
}
