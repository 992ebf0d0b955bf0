/** The picture at the top of the README, made anew by the model that ships. */
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { ModelFolder } from '@darkroom/onnx-pipeline';
import { expect, it } from 'vitest';
import { type GalleryOrigin, instructionSet, paintGallery } from './gallery.js';
import { decodePicture } from './grid.js';
import { meanSquaredError, psnr } from './statistics.js';

const root = fileURLToPath(new URL('../../../', import.meta.url));
const shipped = path.join(root, 'docs/images/samples.png');

it("remakes the README's picture byte for byte", { timeout: 120_000 }, async () => {
  const folder = await ModelFolder.open(path.join(root, 'models/pocket'));
  const origin: GalleryOrigin = JSON.parse(await readFile(shipped.replace(/png$/, 'json'), 'utf8'));
  expect(folder.digest, 'the model is another than made the picture: npm run gallery').toBe(origin.modelDigest);

  const remade = await paintGallery(folder);
  if (instructionSet() === origin.instructionSet) {
    expect(Buffer.compare(remade, await readFile(shipped))).toBe(0);
    return;
  }
  // Another kind of processor rounds otherwise; the pictures must still look the same.
  const [here, there] = await Promise.all([decodePicture(remade), decodePicture(shipped)]);
  expect([here.width, here.height]).toEqual([there.width, there.height]);
  expect(psnr(meanSquaredError(here.rgb, there.rgb))).toBeGreaterThan(35);
});
