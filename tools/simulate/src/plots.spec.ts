import { describe, expect, it } from 'vitest';
import { linePlot, sharePlot } from './plots.js';

describe('a plot', () => {
  it('says that it is simulated, and has each series and its points', () => {
    const svg = linePlot('devices', { label: 'minutes' }, { label: 'devices', least: 0 }, [
      {
        name: 'asked for',
        points: [
          [0, 1],
          [10, 5],
        ],
        isMarked: true,
      },
      {
        name: 'ready',
        points: [
          [0, 0],
          [10, 4],
        ],
      },
    ]);
    expect(svg).toMatch(/^<svg [^>]+>\n<title>Simulated: devices<\/title>/);
    expect(svg.match(/<polyline/g)).toHaveLength(2);
    expect(svg.match(/<circle/g)).toHaveLength(2);
    // The greatest value is at the top, the least at the bottom.
    expect(svg).toContain('points="58.0,228.0 624.0,44.0"');
    expect(svg).not.toMatch(/NaN|undefined/);
  });

  it('of shares has a bar for each', () => {
    const svg = sharePlot('met', [
      {
        name: 'fair',
        values: [
          ['in time', 0.5],
          ['fairness', 1],
        ],
      },
    ]);
    expect(svg).toContain('<title>Simulated: met</title>');
    expect([...svg.matchAll(/<rect [^>]*width="([\d.]+)"/g)].map(([, width]) => width)).toEqual(['150.0', '300.0']);
  });
});
