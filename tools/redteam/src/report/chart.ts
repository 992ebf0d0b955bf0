import { harmCategories } from '@darkroom/contracts';
import { escapeHtml } from './escape.js';
import type { Measures, Rate } from './measure.js';

/** Sizes in pixels of the drawing's own coordinates. */
const [left, right, bar, gap, top] = [120, 60, 14, 14, 28];
const width = 720;
const plot = width - left - right;

/**
 * Draws attack success by category as bars, before above after, with whiskers for the 95 % intervals: an SVG to stand in a page. The
 * colours are the page's (`--before`, `--after`).
 */
export function successChart({ attack_success }: Pick<Measures, 'attack_success'>): string {
  const height = top + harmCategories.length * (2 * bar + gap) + 24;
  const groups = harmCategories.map((category, index) => {
    const y = top + index * (2 * bar + gap);
    const { before, after } = attack_success[category].all;
    return [
      `<text x="${left - 8}" y="${y + bar + 4}" text-anchor="end">${escapeHtml(category)}</text>`,
      drawBar(before, y, 'before'),
      drawBar(after, y + bar, 'after'),
    ].join('\n');
  });
  return `<svg viewBox="0 0 ${width} ${height}" role="img" aria-labelledby="chart-title chart-about">
<title id="chart-title">Attacks that got through, by category</title>
<desc id="chart-about">Two bars for each category: with mitigations off, and on. Lines show 95 % intervals. The same figures stand in the first table.</desc>
<rect class="before" x="${left}" y="4" width="12" height="12"/><text x="${left + 18}" y="14">mitigations off</text>
<rect class="after" x="${left + 150}" y="4" width="12" height="12"/><text x="${left + 168}" y="14">mitigations on</text>
${groups.join('\n')}
${[0, 25, 50, 75, 100].map((percent) => drawTick(percent, height)).join('\n')}
</svg>`;
}

function drawBar(rate: Rate | null, y: number, name: 'before' | 'after'): string {
  if (rate === null) return `<text class="small" x="${left + 4}" y="${y + bar - 3}">not tried</text>`;
  const x = (share: number) => (left + share * plot).toFixed(1);
  const middle = y + bar / 2;
  return `<rect class="${name}" x="${left}" y="${y + 1}" width="${(rate.share * plot).toFixed(1)}" height="${bar - 2}"/>
<line class="whisker" x1="${x(rate.low)}" y1="${middle}" x2="${x(rate.high)}" y2="${middle}"/>
<text class="small" x="${left + plot + 6}" y="${y + bar - 3}">${(100 * rate.share).toFixed(1)} %</text>`;
}

function drawTick(percent: number, height: number): string {
  const x = left + (percent / 100) * plot;
  return `<line class="grid" x1="${x}" y1="${top - 4}" x2="${x}" y2="${height - 22}"/>
<text class="small" x="${x}" y="${height - 8}" text-anchor="middle">${percent} %</text>`;
}
