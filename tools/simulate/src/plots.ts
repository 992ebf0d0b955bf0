/** Readable on white and on black. */
const colours = ['#3b82f6', '#e0832b', '#22a06b', '#a855f7', '#d6336c'] as const;
const ink = '#808080';

/** A line of a plot. */
export interface Series {
  readonly name: string;
  /** x and y of each point. */
  readonly points: readonly (readonly [number, number])[];
  /** Whether each point is marked. */
  readonly isMarked?: boolean;
}

/** What stands at an axis. */
export interface Axis {
  readonly label: string;
  readonly least?: number;
  readonly most?: number;
}

const [width, height, left, top, right, bottom] = [640, 320, 58, 44, 16, 46];

/** Draws lines over a common x axis. "Simulated" stands above each plot, whatever its title. */
export function linePlot(title: string, x: Axis, y: Axis, series: readonly Series[]): string {
  const points = series.flatMap((one) => one.points);
  const xs = scale(
    x,
    points.map(([value]) => value),
    left,
    width - right,
  );
  const ys = scale(
    y,
    points.map(([, value]) => value),
    height - bottom,
    top,
  );
  const grid = ticks(ys.least, ys.most).flatMap((value) => [
    `<line x1="${left}" x2="${width - right}" y1="${at(ys.place(value))}" y2="${at(ys.place(value))}" stroke="${ink}" stroke-opacity="0.3"/>`,
    text(left - 6, ys.place(value) + 4, short(value), 'text-anchor="end"'),
  ]);
  const marks = ticks(xs.least, xs.most).map((value) =>
    text(xs.place(value), height - bottom + 16, short(value), 'text-anchor="middle"'),
  );
  const lines = series.flatMap((one, i) => {
    const colour = colours[i % colours.length];
    const path = one.points.map(([px, py]) => `${at(xs.place(px))},${at(ys.place(py))}`);
    const dots =
      one.isMarked === true
        ? one.points.map(([px, py]) => `<circle cx="${at(xs.place(px))}" cy="${at(ys.place(py))}" r="3" fill="${colour}"/>`)
        : [];
    return [
      `<polyline points="${path.join(' ')}" fill="none" stroke="${colour}" stroke-width="1.6"/>`,
      ...dots,
      text(left + 8 + (i % 3) * 190, top - 8 + Math.floor(i / 3) * 14, one.name, `fill="${colour}"`),
    ];
  });
  const labels = [
    text((left + width - right) / 2, height - 10, x.label, 'text-anchor="middle"'),
    `<text transform="translate(14 ${(top + height - bottom) / 2}) rotate(-90)" text-anchor="middle">${y.label}</text>`,
  ];
  return drawing(title, [...grid, ...marks, ...lines, ...labels]);
}

/** Draws a bar for each value, from 0 to 1. */
export function sharePlot(
  title: string,
  groups: readonly { readonly name: string; readonly values: readonly (readonly [string, number])[] }[],
): string {
  const [from, bar] = [190, 14];
  const rows = groups.flatMap((group, g) => {
    const y = top + g * (group.values.length * bar + 14);
    return [
      text(from - 10, y + (group.values.length * bar) / 2 + 4, group.name, 'text-anchor="end"'),
      ...group.values.flatMap(([name, value], i) => [
        `<rect x="${from}" y="${y + i * bar}" width="${at(value * 300)}" height="${bar - 2}" fill="${colours[i % colours.length]}"/>`,
        text(from + value * 300 + 5, y + i * bar + 10, `${name} ${value.toFixed(2)}`, 'font-size="10"'),
      ]),
    ];
  });
  const most = Math.max(...groups.map(({ values }) => values.length));
  return drawing(title, rows, top + groups.length * (most * bar + 14) + 6);
}

function drawing(title: string, parts: readonly string[], tall: number = height): string {
  const head = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${tall}" font-family="sans-serif" font-size="12" fill="${ink}">`;
  const whole = `Simulated: ${title}`;
  return [head, `<title>${whole}</title>`, text(8, 18, whole, 'font-weight="bold"'), ...parts, '</svg>', ''].join('\n');
}

function scale({ least, most }: Axis, values: readonly number[], from: number, to: number) {
  const low = least ?? Math.min(...values);
  const high = Math.max(most ?? Math.max(...values), low + 1e-9);
  return { least: low, most: high, place: (value: number) => from + ((value - low) / (high - low)) * (to - from) };
}

/** Round values between two, five or so of them. */
function ticks(least: number, most: number): number[] {
  const rough = (most - least) / 5;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = ([1, 2, 5, 10].find((factor) => factor * power >= rough) as number) * power;
  const first = Math.ceil(least / step - 1e-9);
  return Array.from({ length: Math.floor(most / step + 1e-9) - first + 1 }, (_, i) => (first + i) * step);
}

function text(x: number, y: number, content: string, attributes = ''): string {
  return `<text x="${at(x)}" y="${at(y)}" ${attributes}>${content}</text>`;
}

function at(value: number): string {
  return value.toFixed(1);
}

function short(value: number): string {
  return Number(value.toPrecision(4)).toLocaleString('en');
}
