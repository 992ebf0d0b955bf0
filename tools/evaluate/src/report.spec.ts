import { describe, expect, it } from 'vitest';
import { mark, summarise, type Verdict } from './alignment.js';
import type { Caption } from './captions.js';
import type { Seen } from './judge.js';
import { evaluationSection, withEvaluation } from './model-card.js';
import { alignmentRows, headlineRows, headlines, misjudged, type Report, shareText } from './report.js';
import { wilson } from './statistics.js';

const facts = { first: 'cat', firstColour: null, second: null, secondColour: null, layout: 'single', background: null };
const asked: readonly Caption[] = [
  { id: 'object-001', kind: 'object', core: true, caption: 'a cat', facts },
  {
    id: 'background-001',
    kind: 'background',
    core: false,
    caption: 'a cat on a red background',
    facts: { ...facts, background: 'red' },
  },
];
const seen: Seen = {
  first: 'cat',
  firstColour: 'gray',
  second: 'dog',
  secondColour: 'gray',
  layout: 'single',
  background: 'pink',
};
const verdicts: readonly Verdict[] = asked.map((caption, seed) => ({ caption, seed, seen, marks: mark(caption, seen) }));
const alignment = summarise(verdicts);
const report: Report = {
  model: 'pocket',
  digest: 'sha256:0',
  judge: 'sha256:1',
  arguments: { perKind: 1, steps: 20, guidance: 4, seeds: 4, size: '256x256' },
  pictures: 2,
  headlines: headlines(verdicts),
  alignment,
  diversity: { captions: 10, seeds: 4, acrossSeeds: 12.34, acrossCaptions: 56.78 },
  reconstructionPsnr: 30.04,
  misjudged: misjudged(verdicts),
};

describe('report', () => {
  it('adds kinds up to the figures that goals were set for, and leaves out what was not asked', () => {
    expect(report.headlines.map(({ name, right, asked: count }) => [name, right, count])).toEqual([
      ['background colour', 0, 1],
      ['single object', 2, 2],
      ['single object of the core', 1, 1],
    ]);
    expect(headlineRows(report)[2]).toEqual(['single object', '2', '100.0 % (34 to 100)', '80 %']);
  });

  it('lists what is missing and what was seen instead', () => {
    expect(report.misjudged).toEqual([
      { id: 'background-001', caption: 'a cat on a red background', seed: 1, missed: ['background'], seen },
    ]);
  });

  it('has a row to each kind that was asked, and one over all', () => {
    expect(alignmentRows(report).map(([kind, count]) => [kind, count])).toEqual([
      ['kind', 'captions'],
      ['object', '1'],
      ['background', '1'],
      ['all', '2'],
    ]);
  });

  it('writes shares with their intervals', () => {
    expect(shareText(wilson(33, 40))).toBe('82.5 % (68 to 91)');
    expect(shareText(undefined)).toBe('');
  });
});

describe('the model card', () => {
  const section = evaluationSection(report);

  it('gets the section at its end, or between its markers, and nothing else changes', () => {
    const first = withEvaluation('# Pocket\n\nText.\n', section);
    expect(first).toBe(`# Pocket\n\nText.\n\n## Evaluation\n\n${section}\n`);
    expect(withEvaluation(first, section)).toBe(first);
    const inner = '# Pocket\n\n<!-- evaluation -->\nold\n<!-- /evaluation -->\n\nText.\n';
    expect(withEvaluation(inner, section)).toBe(`# Pocket\n\n${section}\n\nText.\n`);
    expect(withEvaluation('# Pocket\n<!-- evaluation -->\nText.\n', section)).toBe(`# Pocket\n${section}\nText.\n`);
  });

  it('says how to make the figures again', () => {
    expect(section).toContain('npm run evaluate -- --model pocket --per-kind 1 --steps 20 --guidance 4 --seeds 4');
    expect(section).toContain('| single object | 2 | 100.0 % (34 to 100) | 80 % |');
    expect(section).toContain('12.3 of 255');
    expect(section).toContain('30.0 dB');
  });
});
