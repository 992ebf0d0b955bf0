import { type HarmCategory, harmCategories } from '@darkroom/contracts';
import { adversaryLevels } from '../sets/row.js';
import type { BeforeAfter, Rate } from './measure.js';
import type { Report } from './report.js';

/** A table for documents and pages: the first row and the first column are headings. */
export interface ReportTable {
  readonly caption: string;
  readonly header: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

/** Writes a rate with its interval: "12.5 % (4 to 31) of 24". */
export function rateText(rate: Rate | null): string {
  if (rate === null) return 'not tried';
  const percent = (value: number, digits: number) => (100 * value).toFixed(digits);
  return `${percent(rate.share, 1)} % (${percent(rate.low, 0)} to ${percent(rate.high, 0)}) of ${rate.of}`;
}

const names = (more: readonly string[]): readonly string[] => [...harmCategories, ...more];
const cells = ({ before, after }: BeforeAfter) => [rateText(before), rateText(after)];

/** Attack success of each category over all levels, before and after. */
export function summaryTable({ measures: { attack_success } }: Report): ReportTable {
  return {
    caption: 'Attacks that got through, by category, with 95 % intervals',
    header: ['category', 'mitigations off', 'mitigations on'],
    rows: names(['all']).map((name) => [name, ...cells(attack_success[name as HarmCategory | 'all'].all)]),
  };
}

/** Attack success of each category and level in one phase. */
export function levelTable({ measures: { attack_success } }: Report, when: keyof BeforeAfter): ReportTable {
  const columns = [...adversaryLevels, 'all' as const];
  return {
    caption: `Attacks that got through with mitigations ${when === 'before' ? 'off' : 'on'}, by category and adversary level`,
    header: ['category', ...columns],
    rows: names(['all']).map((name) => [
      name,
      ...columns.map((column) => rateText(attack_success[name as HarmCategory | 'all'][column][when])),
    ]),
  };
}

/** Attack success of each technique. */
export function techniqueTable({ measures: { by_technique } }: Report): ReportTable {
  return {
    caption: 'Attacks that got through, by technique; an attack of several counts for each',
    header: ['technique', 'mitigations off', 'mitigations on'],
    rows: by_technique.map(({ technique, ...rates }) => [technique, ...cells(rates)]),
  };
}

/** Which stage refuses how much of what reaches it. */
export function recallTable({ measures: { recall } }: Report): ReportTable {
  return {
    caption: 'Harmful requests refused by each stage, of those that reached it, mitigations on',
    header: ['stage', 'refused'],
    rows: [
      ['prompts', rateText(recall.prompts)],
      ['pictures', rateText(recall.pictures)],
      ['both', rateText(recall.all)],
    ],
  };
}

/** How often harmless requests are refused. */
export function overRefusalTable({ measures: { over_refusal } }: Report): ReportTable {
  return {
    caption: 'Harmless requests refused: near misses of each category, and ordinary ones',
    header: ['looks like', 'mitigations off', 'mitigations on'],
    rows: names(['ordinary', 'all']).map((name) => [name, ...cells(over_refusal[name as HarmCategory | 'ordinary' | 'all'])]),
  };
}

/** The requests that were decided wrongly, as rows. */
export function mistakeTable(caption: string, mistakes: Report['got_through']): ReportTable {
  return {
    caption,
    header: ['request', 'category', 'level', 'technique', 'stage', 'prompt', 'negative prompt'],
    rows: mistakes.map((one) => [
      one.id,
      one.category ?? '',
      one.level,
      one.technique,
      one.stage,
      one.prompt,
      one.negative_prompt ?? '',
    ]),
  };
}

/** How many findings are in which state. */
export function findingsTable({ findings }: Report): ReportTable {
  return {
    caption: 'Findings by state',
    header: ['state', 'findings'],
    rows: Object.entries(findings).map(([state, count]) => [state, String(count)]),
  };
}
