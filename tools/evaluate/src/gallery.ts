import { mkdir, writeFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import path from 'node:path';
import { readLocalConfig, runCommand } from '@darkroom/local';
import { ModelFolder } from '@darkroom/onnx-pipeline';
import { trainedSide } from './evaluate.js';
import { drawGrid, encodePng, type Tile } from './grid.js';
import { Painter } from './painter.js';

const help = `npm run gallery

Paints the picture at the top of the README, docs/images/samples.png, with models/pocket: fixed prompts, seeds, 20 steps and guidance 4, so that
the same model gives the same bytes.
`;

/** Prompts of the README's picture, chosen among those that the model draws well; the seeds are 1, 2, 3, … and not chosen. */
const prompts = [
  'a slice of pizza',
  'a yellow star on a black background',
  'a red circle left of a blue square',
  'a red apple on a blue background',
  'a cat on a purple background',
  'a castle',
  'a sunflower',
  'a blue car',
  'two pineapples',
  'a snowman on a blue background',
  'a house',
  'a green triangle above an orange star',
];

async function main(): Promise<number> {
  if (process.argv.includes('--help') || process.argv.includes('-h')) {
    process.stdout.write(help);
    return 0;
  }
  const { root, modelsDir } = readLocalConfig();
  const folder = await ModelFolder.open(path.join(modelsDir, 'pocket'));
  const painter = await Painter.load(folder, availableParallelism(), { steps: 20, guidance: 4, side: trainedSide });
  try {
    const tiles: Tile[] = [];
    for (const [seed, caption] of prompts.entries()) {
      tiles.push({ caption, picture: await painter.paint(caption, seed + 1), right: true });
      process.stderr.write(`${tiles.length}/${prompts.length} ${caption}\n`);
    }
    const file = path.join(root, 'docs/images/samples.png');
    await mkdir(path.dirname(file), { recursive: true });
    await writeFile(file, await encodePng(drawGrid(tiles, 6)));
    process.stdout.write(`${file}\n`);
    return 0;
  } finally {
    await painter.close();
  }
}

await runCommand(main);
process.exit();
