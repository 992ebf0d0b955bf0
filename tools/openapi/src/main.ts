import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { generatedFiles } from './generated-files.js';

const root = path.resolve(import.meta.dirname, '../../..');

for (const { path: name, text } of await generatedFiles()) {
  const file = path.join(root, name);
  await mkdir(path.dirname(file), { recursive: true });
  await writeFile(file, text);
  console.log(`wrote ${name}`);
}
