import { describe, expect, it } from 'vitest';
import { curveRows, curveSides } from './kernel-curve.js';
import { curvePlot, latencyPlot } from './plots.js';

describe('the drawing of latencies', () => {
  const svg = latencyPlot('Latency', [
    { name: 'one', p50: 50, p90: 90, p99: 100 },
    { name: 'two', p50: 100, p90: 150, p99: 200 },
  ]);

  it('has bars in proportion, each with its value', () => {
    const widths = [...svg.matchAll(/<rect [^>]*width="([\d.]+)"/g)].map(([, width]) => Number(width));
    const longest = Math.max(...widths);
    expect(widths.map((width) => (width / longest) * 200)).toEqual([50, 90, 100, 100, 150, 200]);
    expect(svg).toContain('>150 ms</text>');
  });
});

describe('the drawing of the kernel curve', () => {
  it('falls from a batch of one to where a row takes half', () => {
    const points = curveSides.flatMap((side) =>
      curveRows.map((rows) => ({ side, bucket: `${side}`, rows, msPerRow: rows === 1 ? 10 : 5 })),
    );
    const lines = [...curvePlot(points).matchAll(/points="([^"]+)"/g)].map(([, line = '']) =>
      line.split(' ').map((point) => Number(point.split(',')[1])),
    );
    expect(lines).toHaveLength(curveSides.length);
    // The middle of 210 units, 36 below the top.
    for (const heights of lines) expect(heights).toEqual([36, ...curveRows.slice(1).map(() => 141)]);
  });
});
