/**
 * Rasterises the objects of objects.json, taken from the Fluent emoji set (MIT), to 256 px RGBA PNGs.
 *
 * Usage: node src/rasterise.ts [--out FOLDER]   (default: $DARKROOM_TRAIN_DIR or .darkroom/train, sprites/ inside it)
 */
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import path from 'node:path';
import { parseArgs } from 'node:util';
import sharp from 'sharp';
import { unsafeReason } from './unsafe-icons.ts';

interface CatalogueObject {
  readonly icon: string;
  readonly name: string;
}

interface IconSet {
  readonly icons: Readonly<Record<string, { readonly body: string; readonly width?: number; readonly height?: number }>>;
  readonly width?: number;
  readonly height?: number;
}

const SPRITE_SIZE = 256;
const toolFolder = path.resolve(import.meta.dirname, '..');
const workFolder = process.env['DARKROOM_TRAIN_DIR'] ?? path.resolve(toolFolder, '../../.darkroom/train');

const { values } = parseArgs({ options: { out: { type: 'string' }, help: { type: 'boolean', short: 'h' } } });
if (values.help) {
  console.log('Usage: node src/rasterise.ts [--out FOLDER]\n\nWrites one 256 px RGBA PNG per object of objects.json.');
  process.exit(0);
}

const outFolder = values.out ?? path.join(workFolder, 'sprites');
const require = createRequire(import.meta.url);
const iconSet = JSON.parse(await readFile(require.resolve('@iconify-json/fluent-emoji-flat/icons.json'), 'utf8')) as IconSet;
const objects = JSON.parse(await readFile(path.join(toolFolder, 'objects.json'), 'utf8')) as readonly CatalogueObject[];

await mkdir(outFolder, { recursive: true });
for (const { icon } of objects) {
  const reason = unsafeReason(icon);
  if (reason !== undefined) throw new Error(`"${icon}" must not be drawn (${reason}); take it out of objects.json.`);
  const drawing = iconSet.icons[icon];
  if (drawing === undefined) throw new Error(`The icon set has no icon "${icon}"; correct objects.json.`);
  const width = drawing.width ?? iconSet.width ?? 32;
  const height = drawing.height ?? iconSet.height ?? 32;
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}">${drawing.body}</svg>`;
  const png = await sharp(Buffer.from(svg), { density: (72 * SPRITE_SIZE) / width })
    .trim({ background: { r: 0, g: 0, b: 0, alpha: 0 }, threshold: 1 })
    .resize(SPRITE_SIZE, SPRITE_SIZE, { fit: 'contain', background: { r: 0, g: 0, b: 0, alpha: 0 } })
    .png()
    .toBuffer();
  // A rename makes each file appear whole, so an interrupted run leaves no half-written sprite behind.
  const target = path.join(outFolder, `${icon}.png`);
  await writeFile(`${target}.part`, png);
  await rename(`${target}.part`, target);
}
console.log(`${objects.length} sprites of ${SPRITE_SIZE} px written to ${outFolder}`);
