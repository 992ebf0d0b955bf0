import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { readLocalConfig, runCommand } from '@darkroom/local';
import { ModelFolder } from '@darkroom/onnx-pipeline';
import { type GalleryOrigin, galleryPrompts, instructionSet, paintGallery } from './gallery.js';

const help = `npm run gallery

Paints the picture at the top of the README, docs/images/samples.png, with models/pocket: fixed prompts, seeds, 20 steps and guidance 4, so that
the same model gives the same bytes. docs/images/samples.json tells which model and which kind of processor made it.
`;

async function main(): Promise<number> {
  if (process.argv.includes('--help') || process.argv.includes('-h')) {
    process.stdout.write(help);
    return 0;
  }
  const { root, modelsDir } = readLocalConfig();
  const folder = await ModelFolder.open(path.join(modelsDir, 'pocket'));
  const picture = await paintGallery(folder, (count) => process.stderr.write(`${count}/${galleryPrompts.length}\n`));
  const origin: GalleryOrigin = { modelDigest: folder.digest, instructionSet: instructionSet() };
  const file = path.join(root, 'docs/images/samples.png');
  await mkdir(path.dirname(file), { recursive: true });
  await writeFile(file, picture);
  await writeFile(file.replace(/png$/, 'json'), `${JSON.stringify(origin, undefined, 2)}\n`);
  process.stdout.write(`${file}\n`);
  return 0;
}

await runCommand(main);
process.exit();
