import { useEffect, useRef } from 'react';
import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import { decimalSteps, ticksOf } from './ticks.js';

/** One line or row of bars; null where there is nothing. */
export interface Series {
  readonly label: string;
  readonly values: readonly (number | null)[];
}

const HEIGHT = 220;
const MOST_TICKS = 5;
const strokes = ['--safelight', '--second', '--third', '--fourth'];

/**
 * A chart over time. Assistive technology hears its label, so what it shows must be on the page in words or a table too.
 *
 * @param times Unix seconds, one for each value, ascending; shown in UTC.
 */
export function Chart({
  label,
  times,
  series,
  kind = 'line',
  format = (value) => value.toLocaleString('en'),
  steps = decimalSteps,
}: {
  label: string;
  times: readonly number[];
  series: readonly Series[];
  kind?: 'line' | 'bars';
  format?: (value: number) => string;
  /** Between the ticks of what is shown. */
  steps?: readonly number[];
}) {
  const place = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot>(undefined);
  const data = [[...times], ...series.map(({ values }) => [...values])] as uPlot.AlignedData;
  const newest = useRef({ data, format, steps });
  newest.current = { data, format, steps };
  const names = series.map(({ label }) => label).join('\n');

  useEffect(() => {
    const root = place.current;
    if (root === null) return;
    const draw = () => {
      plot.current?.destroy();
      plot.current = new uPlot(
        // The text of no names has one line.
        options(root, names === '' ? [] : names.split('\n'), kind, () => newest.current),
        newest.current.data,
        root,
      );
    };
    draw();
    const sizes = new ResizeObserver(() => plot.current?.setSize({ width: root.clientWidth, height: HEIGHT }));
    sizes.observe(root);
    // Canvases know no CSS: with other colours all is drawn anew.
    const themes = new MutationObserver(draw);
    themes.observe(document.documentElement, { attributes: true, attributeFilter: ['data-theme'] });
    const system = matchMedia('(prefers-color-scheme: dark)');
    system.addEventListener('change', draw);
    return () => {
      sizes.disconnect();
      themes.disconnect();
      system.removeEventListener('change', draw);
      plot.current?.destroy();
    };
  }, [names, kind]);
  useEffect(() => plot.current?.setData(newest.current.data));

  return <div ref={place} className="chart" role="img" aria-label={label} />;
}

function options(
  root: HTMLElement,
  names: readonly string[],
  kind: 'line' | 'bars',
  newest: () => { readonly format: (value: number) => string; readonly steps: readonly number[] },
): uPlot.Options {
  const format = (value: number) => newest().format(value);
  const colour = colours(root);
  const axis = {
    stroke: colour('--faint'),
    grid: { stroke: colour('--line'), width: 1 },
    ticks: { show: false },
    font: '12px system-ui',
  };
  return {
    width: root.clientWidth,
    height: HEIGHT,
    legend: { live: true },
    cursor: { y: false },
    tzDate: (seconds) => uPlot.tzDate(new Date(seconds * 1_000), 'Etc/UTC'),
    scales: { y: { range: (_, low, high) => [Math.min(0, low ?? 0), high === null || high <= 0 ? 1 : high * 1.08] } },
    axes: [
      axis,
      {
        ...axis,
        size: 64,
        splits: (_, __, low, high) => [...ticksOf(low, high, MOST_TICKS, newest().steps, format)],
        values: (_, ticks) => ticks.map(format),
      },
    ],
    series: [
      {},
      ...names.map((label, index) => {
        const stroke = colour(strokes[index % strokes.length] ?? '--safelight');
        return {
          label,
          stroke,
          width: 1.5,
          value: (_: uPlot, value: number | null) => (value === null ? '—' : format(value)),
          ...(kind === 'bars' && { fill: stroke, paths: uPlot.paths.bars?.({ size: [0.7, 40] }), points: { show: false } }),
        } as uPlot.Series;
      }),
    ],
  };
}

/** Reads what a custom property comes to: canvases don't understand `light-dark()`. */
function colours(root: HTMLElement): (property: string) => string {
  return (property) => {
    const probe = root.appendChild(document.createElement('i'));
    probe.style.color = `var(${property})`;
    const { color } = getComputedStyle(probe);
    probe.remove();
    return color;
  };
}
