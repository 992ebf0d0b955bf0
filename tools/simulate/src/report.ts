import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { StudyResult, StudyTable } from './studies/study.js';

const intro = `# Fleet simulation

**Everything on this page is simulated**: no fleet of this size has been run. It is written by \`npm run simulate -- report\`; with the same seed it comes out the same.

What runs under the virtual clock is the platform's own code: the engine's step policy and cost model (\`libs/onnx-pipeline\`), the gateway's forecast and admission (\`libs/queue-policy\`), and the autoscaler's policy (\`libs/scaling-policy\`). The fair queue is
a copy in memory of the scripts that Redis runs, and a spec holds both to the same answers job by job. Another spec runs small traces through the real step engine and the simulator: numbers done, the time for all and the mean latency agree within 10 %. \`npm run simulate -- agreement\` compares them so with the pocket model, in real time on whatever machine it runs on.

What is not simulated: the network, Redis, the prompt encoder and the VAE (a constant stands for all stages beside the steps), moderation, how long a node takes to be made, and devices that differ from one another. [ADR 45](adr/0045-fleet-simulation.md) tells why it is as it is.
`;

/** Writes the page and its drawings, and returns the page's path. */
export async function writeReport(folder: string, results: readonly StudyResult[]): Promise<string> {
  await writePlots(path.join(folder, 'images'), results);
  const page = path.join(folder, 'fleet-simulation.md');
  await writeFile(page, [intro, ...results.map(section)].join('\n'));
  return page;
}

/** Writes the drawings into a folder. */
export async function writePlots(folder: string, results: readonly StudyResult[]): Promise<void> {
  await mkdir(folder, { recursive: true });
  const plots = results.flatMap(({ plots: own }) => Object.entries(own));
  await Promise.all(plots.map(([name, svg]) => writeFile(path.join(folder, name), svg)));
}

function section({ title, setting, tables, plots }: StudyResult): string {
  const drawings = Object.entries(plots).map(([name, svg]) => `![${/<title>(.*)<\/title>/.exec(svg)?.[1]}](images/${name})\n`);
  return [`## ${title} (simulated)\n`, `${setting}\n`, ...tables.map(markdown), ...drawings].join('\n');
}

function markdown({ caption, head, rows }: StudyTable): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  const rule = head.map((_, i) => (/^[\d.,]+( %| s)?$/.test(rows[0]?.[i] ?? '') ? '---:' : '---'));
  return [`Simulated. ${caption}:\n`, line(head), line(rule), ...rows.map(line), ''].join('\n');
}
