import { DarkroomError, type GenerationResult, type Receipt, toHttp } from '@darkroom/contracts';
import type { GenerationBody, ReceiptBody } from '@darkroom/contracts/http';
import type { GenerationState } from '../queue/generation-state.js';

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
  };
}

/** A generation's state as the HTTP API shows it; `urls` are those of its images, once there are any. */
export function viewGeneration(
  { job, status, progress, result, error }: GenerationState,
  urls: readonly string[],
): GenerationBody {
  return {
    id: job.id,
    object: 'generation',
    created: Math.floor(job.createdAtMs / 1000),
    model: job.model,
    status,
    progress: progress ?? null,
    data: result === undefined ? null : urls.map((url) => ({ url })),
    receipt: result === undefined ? null : viewReceipt(receiptOf(result)),
    error: error === undefined ? null : toHttp(error).body.error,
  };
}

/** Returns the receipt that every result has. */
export function receiptOf(result: GenerationResult): Receipt {
  if (result.receipt === undefined) throw new DarkroomError({ code: 'internal', message: 'the result has no receipt' });
  return result.receipt;
}
