import type { Receipt } from '../generated/darkroom/generation/v1/generation.js';
import type { ReceiptBody } from './responses.js';

/** A receipt as the HTTP API shows it. */
export function viewReceipt(receipt: Receipt): ReceiptBody {
  return {
    model: receipt.model,
    model_digest: receipt.modelDigest,
    scheduler: receipt.scheduler,
    shift: receipt.shift,
    steps: receipt.steps,
    guidance_scale: receipt.guidanceScale,
    seed: receipt.seed,
    width: receipt.width,
    height: receipt.height,
    versions: { ...receipt.versions },
    timings: receipt.timings.map(({ stage, totalMs, kernelMs }) => ({ stage, total_ms: totalMs, kernel_ms: kernelMs })),
    ...(receipt.solver !== '' && { solver: receipt.solver }),
    ...(receipt.sigmas !== '' && { sigmas: receipt.sigmas }),
    ...(receipt.firstBlockCacheThreshold > 0 && { first_block_cache: receipt.firstBlockCacheThreshold }),
    ...(receipt.outputCompression > 0 && { output_compression: receipt.outputCompression }),
    ...(receipt.imageSha256 !== '' && { strength: receipt.strength, image_sha256: receipt.imageSha256 }),
    ...(receipt.maskSha256 !== '' && { mask_sha256: receipt.maskSha256 }),
  };
}
