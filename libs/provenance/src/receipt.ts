import { createHash } from 'node:crypto';

/** What a picture carries of how it was made, for whoever finds it: no prompt, and nothing that names a client. */
export interface PictureReceipt {
  readonly model: string;
  readonly model_digest: string;
  readonly scheduler: string;
  readonly shift: number;
  readonly steps: number;
  readonly guidance_scale: number;
  /** The picture's own. */
  readonly seed: number;
  readonly width: number;
  readonly height: number;
  /** What was asked for besides; absent where the model's own was taken. */
  readonly solver?: string;
  readonly sigmas?: string;
  readonly first_block_cache?: number;
  /** Of edits. */
  readonly strength?: number;
  readonly image_sha256?: string;
  readonly mask_sha256?: string;
  /** Names and versions of what computed the pixels. */
  readonly versions: Readonly<Record<string, string>>;
}

/** Name of the PNG text that holds a receipt. */
export const receiptKeyword = 'darkroom:receipt';

/**
 * Returns the 32 bits that the pixels carry of a receipt: of what the picture is made from, and not of what it was made with.
 *
 * They tie a receipt to its pixels, and are the same when the picture is made again.
 */
export function markPayload({ versions: _, ...recipe }: PictureReceipt): number {
  const entries = Object.entries(recipe).toSorted(([a], [b]) => (a < b ? -1 : 1));
  return createHash('sha256').update(JSON.stringify(entries)).digest().readUInt32BE(0);
}
