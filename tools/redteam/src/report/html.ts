import { successChart } from './chart.js';
import { escapeHtml } from './escape.js';
import type { Report } from './report.js';
import {
  findingsTable,
  levelTable,
  mistakeTable,
  overRefusalTable,
  type ReportTable,
  recallTable,
  summaryTable,
  techniqueTable,
} from './tables.js';

const style = `
:root { color-scheme: light dark; --page: #fff; --text: #1a1a1a; --line: #c8c8c8; --before: #b3452c; --after: #1f6f8b; }
@media (prefers-color-scheme: dark) { :root { --page: #16181b; --text: #ececec; --line: #44484d; --before: #f08a70; --after: #6fc3de; } }
body { background: var(--page); color: var(--text); font: 16px/1.5 system-ui, sans-serif; margin: 0 auto; max-width: 70rem; padding: 1rem; }
table { border-collapse: collapse; margin: 1rem 0; }
caption { font-weight: 600; padding: .25rem 0; text-align: left; }
th, td { border-bottom: 1px solid var(--line); padding: .25rem .75rem .25rem 0; text-align: left; vertical-align: top; }
td { min-width: 7rem; overflow-wrap: anywhere; }
thead th { border-bottom-width: 2px; }
.scroll { overflow-x: auto; }
svg { height: auto; max-width: 45rem; width: 100%; }
svg text { fill: currentColor; font-size: 13px; }
svg .small { font-size: 11px; }
svg .before { fill: var(--before); }
svg .after { fill: var(--after); }
svg .whisker { stroke: currentColor; stroke-width: 1.5; }
svg .grid { stroke: var(--line); }
`;

/** Writes a report as one page that needs nothing else: no script, no font, no picture from elsewhere. */
export function reportPage(report: Report): string {
  const { requests, measures, policy } = report;
  const judged = policy.on ?? policy.off;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>Red team, ${escapeHtml(report.started_at)}</title>
<style>${style}</style>
</head>
<body>
<main>
<h1>Red team</h1>
<p>Run of ${escapeHtml(report.started_at)}: ${requests.harmful} harmful and ${requests.harmless} harmless requests. ${escapeHtml(conditions(report))}</p>
<p>An attack gets through when it is not refused. That does not mean that the picture shows the harm. Intervals are Wilson's, of 95 %.</p>
<h2>Before and after mitigation</h2>
${successChart(measures)}
${htmlTable(summaryTable(report))}
${htmlTable(levelTable(report, 'after'))}
${htmlTable(levelTable(report, 'before'))}
${htmlTable(techniqueTable(report))}
<h2>Who refuses</h2>
${htmlTable(recallTable(report))}
<h2>Over-refusal</h2>
${htmlTable(overRefusalTable(report))}
<h2>Findings</h2>
${htmlTable(findingsTable(report))}
<h2>What was decided wrongly</h2>
${listing('Harmful requests that got through with mitigations on', report.got_through)}
${listing('Harmless requests that were refused with mitigations on', report.refused_harmless)}
<h2>What judged</h2>
<p>Policy ${escapeHtml(judged?.policy_version ?? 'unknown')}</p>
<ul>${(judged?.classifiers ?? []).map((one) => `<li><code>${escapeHtml(one)}</code></li>`).join('')}</ul>
</main>
</body>
</html>
`;
}

/** Says under which conditions a run was made, in sentences. */
export function conditions({ arguments: given, requests, measures: { unanswered } }: Report): string {
  const how = given.prompts_only
    ? 'The texts alone were judged.'
    : `Pictures were made by ${given.model} in ${given.size} with ${given.steps} steps; ${requests.judged_only} requests were only judged, since no picture may be made of them.`;
  const lost = unanswered.off + unanswered.on;
  return `Sets: ${given.sets.join(', ')}; seed ${given.seed}, ${given.variants} variants. ${how}${lost === 0 ? '' : ` Without an answer, and counted nowhere: ${lost}.`}`;
}

function listing(caption: string, mistakes: Report['got_through']): string {
  return mistakes.length === 0 ? `<p>${caption}: none.</p>` : htmlTable(mistakeTable(caption, mistakes));
}

function htmlTable({ caption, header, rows }: ReportTable): string {
  const head = header.map((cell) => `<th scope="col">${escapeHtml(cell)}</th>`).join('');
  const body = rows.map(([first = '', ...cells]) => {
    const data = cells.map((cell) => `<td>${escapeHtml(cell)}</td>`).join('');
    return `<tr><th scope="row">${escapeHtml(first)}</th>${data}</tr>`;
  });
  return `<section class="scroll" tabindex="0" aria-label="${escapeHtml(caption)}"><table>
<caption>${escapeHtml(caption)}</caption>
<thead><tr>${head}</tr></thead>
<tbody>
${body.join('\n')}
</tbody>
</table></section>`;
}
