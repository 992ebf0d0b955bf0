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
 * Returns the 32 bits that the pixels carry of a receipt: a digest of model, seed, size, steps and guidance.
 *
 * They tie a receipt to its pixels. What else a receipt has can differ where the picture is the same, such as versions, or a solver that
 * was named and is the model's own.
 */
export function markPayload(receipt: PictureReceipt): number {
  const { model_digest, scheduler, shift, seed, width, height, steps, guidance_scale } = receipt;
  const drawnFrom = [model_digest, scheduler, shift, seed, width, height, steps, guidance_scale];
  return createHash('sha256').update(JSON.stringify(drawnFrom)).digest().readUInt32BE(0);
}
