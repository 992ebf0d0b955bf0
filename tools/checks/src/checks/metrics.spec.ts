import { expect, it } from 'vitest';
import { compareMetrics } from './metrics.js';

const row = (name: string) => `| denoiser | \`${name}\` | counter | | something |`;

it('compareMetrics names what the page leaves out, and what it makes up', () => {
  const sources = "      name: 'darkroom_a_total',\n      name: 'darkroom_b_seconds',\n";
  expect(compareMetrics(sources, [row('darkroom_a_total'), row('darkroom_b_seconds')].join('\n'))).toEqual([]);
  expect(compareMetrics(sources, [row('darkroom_a_total'), row('darkroom_c_total')].join('\n'))).toEqual([
    'docs/metrics.md does not list darkroom_b_seconds',
    'docs/metrics.md lists darkroom_c_total, which no service has',
  ]);
});
