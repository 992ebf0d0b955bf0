import { createHash } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import sharp from 'sharp';
import type { ReferencePicture } from './reference-pictures.js';

/** What the original says about one picture. */
export interface ReferenceVerdict {
  readonly picture: ReferencePicture;
  readonly probabilities: readonly number[];
}

/** What goes into the model's folder. */
export interface ModelFolderContent {
  /** The ONNX file. */
  readonly model: Uint8Array;
  readonly config: Readonly<Record<string, unknown>>;
  readonly licence: string;
  /** What made the verdicts, for instance "TensorFlow.js 4.22.0, cpu backend". */
  readonly computedBy: string;
  readonly verdicts: readonly ReferenceVerdict[];
}

/**
 * Writes model.onnx, config.json, reference.json, LICENSE, and the SHA-256 of each as digests.json.
 *
 * reference.json holds the reference pictures as PNG files in base64 with the original's probabilities: whoever loads the model can
 * find out whether it still computes what the original did.
 */
export async function writeModelFolder(folder: string, content: ModelFolderContent): Promise<void> {
  const pictures = await Promise.all(
    content.verdicts.map(async ({ picture: { name, width, height, data }, probabilities }) => ({
      name,
      png: (
        await sharp(data, { raw: { width, height, channels: 3 } })
          .png({ compressionLevel: 9, adaptiveFiltering: true })
          .toBuffer()
      ).toString('base64'),
      probabilities,
    })),
  );
  const files: Record<string, Uint8Array> = {
    'config.json': json(content.config),
    LICENSE: Buffer.from(content.licence),
    'model.onnx': content.model,
    'reference.json': json({ computed_by: content.computedBy, pictures }),
  };
  await mkdir(folder, { recursive: true });
  for (const [name, bytes] of Object.entries(files)) await writeFile(join(folder, name), bytes);
  const digests = Object.entries(files).map(([name, bytes]) => [
    name,
    `sha256:${createHash('sha256').update(bytes).digest('hex')}`,
  ]);
  await writeFile(join(folder, 'digests.json'), json({ files: Object.fromEntries(digests) }));
}

function json(value: unknown): Buffer {
  return Buffer.from(`${JSON.stringify(value, undefined, 2)}\n`);
}
