import { LocalError } from '@darkroom/local';
import { conditions } from './html.js';
import type { Report } from './report.js';
import { levelTable, overRefusalTable, type ReportTable, recallTable, summaryTable } from './tables.js';

const opening = '<!-- red team -->';
const closing = '<!-- /red team -->';

/**
 * Puts a run's tables between the markers of a document in Markdown.
 *
 * @throws LocalError when the document has no markers.
 */
export function withSection(document: string, file: string, report: Report): string {
  const [start, end] = [document.indexOf(opening), document.indexOf(closing)];
  if (start < 0 || end < start) throw new LocalError(`${file} has no lines ${opening} and ${closing} to write between.`);
  const tables = [summaryTable(report), levelTable(report, 'after'), recallTable(report), overRefusalTable(report)];
  const { harmful, harmless } = report.requests;
  const intro = `Run of ${report.started_at}, policy ${report.policy.on?.policy_version ?? 'unknown'}: ${harmful} harmful and ${harmless} harmless requests. ${conditions(report)}`;
  const section = [opening, intro, ...tables.map(markdownTable)].join('\n\n');
  return `${document.slice(0, start)}${section}\n\n${document.slice(end)}`;
}

function markdownTable({ caption, header, rows }: ReportTable): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  return [`${caption}:`, '', line(header), line(header.map(() => '---')), ...rows.map(line)].join('\n');
}
