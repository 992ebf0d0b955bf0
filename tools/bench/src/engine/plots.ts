import { type CurvePoint, curveRows, curveSides } from './kernel-curve.js';

/** Readable on white and on black. */
const colours = ['#3b82f6', '#e0832b', '#22a06b', '#a855f7'] as const;
const ink = '#808080';

/** The bars of one policy. */
export interface Bars {
  readonly name: string;
  readonly p50: number;
  readonly p90: number;
  readonly p99: number;
}

function drawing(width: number, height: number, title: string, parts: readonly string[]): string {
  const head = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" font-family="sans-serif" font-size="12" fill="${ink}">`;
  return [head, `<title>${title}</title>`, text(8, 18, title, 'font-weight="bold"'), ...parts, '</svg>', ''].join('\n');
}

function text(x: number, y: number, content: string, attributes = ''): string {
  return `<text x="${x.toFixed(1)}" y="${y.toFixed(1)}" ${attributes}>${content}</text>`;
}

/** Draws what the kernels take for a row by the rows of a batch, relative to a batch of one, a line for each size. */
export function curvePlot(curve: readonly CurvePoint[]): string {
  const [left, top, width, height] = [50, 36, 520, 210];
  const x = (rows: number) => left + (Math.log2(rows) / Math.log2(Math.max(...curveRows))) * width;
  const y = (share: number) => top + (1 - share) * height;
  const grid = [0, 0.25, 0.5, 0.75, 1].flatMap((share) => [
    `<line x1="${left}" x2="${left + width}" y1="${y(share)}" y2="${y(share)}" stroke="${ink}" stroke-opacity="0.3"/>`,
    text(left - 8, y(share) + 4, `${share * 100} %`, 'text-anchor="end"'),
  ]);
  const axis = curveRows.map((rows) => text(x(rows), top + height + 18, String(rows), 'text-anchor="middle"'));
  const lines = curveSides.flatMap((side, i) => {
    const points = curve.filter((point) => point.side === side);
    const alone = points[0]?.msPerRow ?? Number.NaN;
    const path = points.map(({ rows, msPerRow }) => `${x(rows).toFixed(1)},${y(msPerRow / alone).toFixed(1)}`).join(' ');
    const label = `${side}x${side}: ${alone.toFixed(1)} ms alone, ${Math.min(...points.map(({ msPerRow }) => msPerRow)).toFixed(2)} at best`;
    return [
      `<polyline points="${path}" fill="none" stroke="${colours[i]}" stroke-width="2"/>`,
      text(left + width - 4, top + 14 + 18 * i, label, `fill="${colours[i]}" text-anchor="end"`),
    ];
  });
  const parts = [
    ...grid,
    ...axis,
    ...lines,
    text(left + width / 2, top + height + 38, 'rows of a batch', 'text-anchor="middle"'),
  ];
  return drawing(590, 290, 'Kernel time of a row, of what it takes alone', parts);
}

/** Draws P50, P90 and P99 of each policy as bars. */
export function latencyPlot(title: string, policies: readonly Bars[]): string {
  const [left, top, width, bar] = [235, 34, 290, 14];
  const keys = ['p50', 'p90', 'p99'] as const;
  const most = Math.max(...policies.map(({ p99 }) => p99));
  const parts = policies.flatMap((policy, i) => {
    const y = top + i * (keys.length * bar + 16);
    return [
      text(left - 40, y + 1.5 * bar + 4, policy.name, 'text-anchor="end"'),
      ...keys.flatMap((key, k) => {
        const length = (policy[key] / most) * width;
        const base = y + k * bar;
        return [
          `<rect x="${left}" y="${base}" width="${length.toFixed(1)}" height="${bar - 2}" fill="${colours[k]}"/>`,
          text(left - 6, base + 10, key.toUpperCase(), 'text-anchor="end" font-size="10"'),
          text(left + length + 5, base + 10, `${policy[key].toFixed(0)} ms`, 'font-size="10"'),
        ];
      }),
    ];
  });
  return drawing(590, top + policies.length * (keys.length * bar + 16), title, parts);
}
