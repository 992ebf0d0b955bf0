import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import path from 'node:path';
import { indent, LocalError, readLocalConfig, runCommand, stopSignal, table } from '@darkroom/local';
import { PipelineError } from '@darkroom/onnx-pipeline';
import { type Evaluation, evaluate, readScenes, trainedSide } from './evaluate.js';
import { encodePng, encodeWebp } from './grid.js';
import { Judge } from './judge.js';
import { evaluationSection, withEvaluation } from './model-card.js';
import { help, parseOptions } from './options.js';
import { Progress } from './progress.js';
import { alignmentRows, headlineRows, type Report, remarks } from './report.js';

async function main(): Promise<number> {
  const options = parseOptions(process.argv.slice(2));
  if (options === undefined) {
    process.stdout.write(help);
    return 0;
  }
  const config = readLocalConfig();
  const signal = stopSignal();
  const modelPath = path.join(config.modelsDir, options.model);
  const save = options.save === undefined ? undefined : path.resolve(config.workingDir, options.save);
  if (save !== undefined) await mkdir(save, { recursive: true });
  const threads = availableParallelism();
  const judge = await Judge.load(threads);
  const progress = new Progress(process.stderr);
  try {
    const evaluation = await evaluate({
      modelPath,
      options,
      side: trainedSide,
      scenes: (await readScenes()).map(({ picture }) => picture),
      judge,
      threads,
      signal,
      onProgress: (done, total) => progress.show(done, total),
      onPicture: async ({ caption, marks }, picture) => {
        if (save === undefined) return;
        const verdict = marks.everything === true ? 'right' : 'wrong';
        await writeFile(path.join(save, `${caption.id}-${verdict}.png`), await encodePng(picture));
      },
    });
    if (options.card) await writeToModel(modelPath, evaluation);
    process.stdout.write(options.json ? `${JSON.stringify(evaluation.report)}\n` : text(evaluation.report));
    return 0;
  } catch (error) {
    // What the engine says of a missing or damaged model suits the user as it is.
    if (error instanceof PipelineError && error.code === 'model_damaged') throw new LocalError(error.message, { cause: error });
    if (error instanceof PipelineError && error.code === 'cancelled') throw signal.reason;
    throw error;
  } finally {
    await judge.close();
  }
}

async function writeToModel(folder: string, { report, grid }: Evaluation): Promise<void> {
  const card = path.join(folder, 'README.md');
  const former = await readFile(card, 'utf8').catch(() => `# ${report.model}\n`);
  await replace(path.join(folder, 'evaluation.webp'), await encodeWebp(grid));
  await replace(path.join(folder, 'evaluation.json'), `${JSON.stringify(report, undefined, 2)}\n`);
  await replace(card, withEvaluation(former, evaluationSection(report)));
}

async function replace(file: string, content: string | Uint8Array): Promise<void> {
  await writeFile(`${file}.part`, content);
  await rename(`${file}.part`, file);
}

function text(report: Report): string {
  const parts = [
    `${report.model} (${report.digest}), ${report.pictures} pictures; right, with 95 % intervals:`,
    indent(table(headlineRows(report), [1])),
    indent(table(alignmentRows(report), [1])),
    remarks(report).join('\n'),
    `What the judge saw instead: evaluation.json, "misjudged" (${report.misjudged.length} pictures).`,
  ];
  return `${parts.join('\n\n')}\n`;
}

await runCommand(main);
process.exit();
