import { type GenerationJob, imageSeed } from '@darkroom/contracts';
import type { PictureReceipt } from '@darkroom/provenance';
import type { Edit } from './picture-encoding.js';
import type { ModelFacts } from './transformer-stage.js';

/**
 * Makes the receipt that a picture carries: known before the picture is decoded, since the picture's mark is made of it.
 *
 * @param scheduler name of what made the steps.
 * @param edit what is edited; undefined for nothing.
 */
export function pictureReceipt(
  job: GenerationJob,
  image: number,
  { digest, scheduler: { shift }, runtimeVersion, execution }: ModelFacts,
  scheduler: string,
  edit: Edit | undefined,
): PictureReceipt {
  const { model, steps, guidanceScale, seed, width, height, solver, sigmas, firstBlockCacheThreshold, strength } = job;
  return {
    model,
    model_digest: digest,
    scheduler,
    shift,
    steps,
    guidance_scale: guidanceScale,
    seed: imageSeed(seed, image),
    width,
    height,
    ...(solver !== '' && { solver }),
    ...(sigmas !== '' && { sigmas }),
    ...(firstBlockCacheThreshold > 0 && { first_block_cache: firstBlockCacheThreshold }),
    ...(edit && { strength, image_sha256: edit.imageSha256, ...(edit.maskSha256 !== '' && { mask_sha256: edit.maskSha256 }) }),
    versions: { 'onnxruntime-node': runtimeVersion, node: process.versions.node, ...execution },
  };
}
