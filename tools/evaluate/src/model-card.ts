import { alignmentRows, headlineRows, type Report, remarks } from './report.js';

const opening = '<!-- evaluation -->';
const closing = '<!-- /evaluation -->';

/** Writes the evaluation's section of a model card, markers included. */
export function evaluationSection(report: Report): string {
  const { perKind, steps, guidance, seeds, size } = report.arguments;
  const command = `npm run evaluate -- --model ${report.model} --per-kind ${perKind} --steps ${steps} --guidance ${guidance} --seeds ${seeds}`;
  return `${opening}
Held-out captions, ${size} pixels, ${steps} steps, guidance ${guidance}; a classifier trained on real scenes judged the pictures. In brackets the
95 % interval (Wilson). Made by \`${command}\` of the model with digest
\`${report.digest}\`.

${markdownTable(headlineRows(report))}

${markdownTable(alignmentRows(report))}

${remarks(report)
  .map((remark) => `- ${remark}`)
  .join('\n')}

Below, the first captions of each kind, unpicked; red where the judge missed something.

![Pictures of held-out captions](evaluation.webp)
${closing}`;
}

/** Puts a section between the card's markers, or at its end where it has none. */
export function withEvaluation(card: string, section: string): string {
  const start = card.indexOf(opening);
  if (start < 0) return `${card.trimEnd()}\n\n## Evaluation\n\n${section}\n`;
  const end = card.indexOf(closing, start);
  return card.slice(0, start) + section + card.slice(end < 0 ? start + opening.length : end + closing.length);
}

function markdownTable([header = [], ...rows]: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  return [line(header), line(header.map((_, column) => (column === 0 ? '---' : '---:'))), ...rows.map(line)].join('\n');
}
