import { DarkroomError, type GenerationJob, type GenerationResult, type Receipt, type Replay, toHttp } from '@darkroom/contracts';
import type {
  GenerationBody,
  ImageBody,
  ModerationNoticeBody,
  ProgressBody,
  ReceiptBody,
  UsageBody,
} from '@darkroom/contracts/http';
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
    ...(receipt.outputCompression > 0 && { output_compression: receipt.outputCompression }),
    ...(receipt.imageSha256 !== '' && { strength: receipt.strength, image_sha256: receipt.imageSha256 }),
    ...(receipt.maskSha256 !== '' && { mask_sha256: receipt.maskSha256 }),
  };
}

/** What a generation took as the HTTP API shows it; undefined where its tokens were not counted. */
export function viewUsage({ tokens, evaluations, receipt }: GenerationResult): UsageBody | undefined {
  if (tokens === undefined || receipt === undefined) return undefined;
  const { text, inputImage, outputImage } = tokens;
  return {
    input_tokens: text + inputImage,
    input_tokens_details: { text_tokens: text, image_tokens: inputImage },
    output_tokens: outputImage,
    output_tokens_details: { text_tokens: 0, image_tokens: outputImage },
    total_tokens: text + inputImage + outputImage,
    compute_units: receipt.width * receipt.height * evaluations,
  };
}

/** What the policy has to say of a generation that it lets pass, in its order. */
export function viewNotices({ notices }: GenerationJob, result: GenerationResult | undefined): ModerationNoticeBody[] {
  const ofImages = (result?.images ?? []).flatMap(({ notice, index }) => (notice ? [{ ...notice, image: index }] : []));
  return [...notices, ...ofImages].map(
    ({ decisionId, ...notice }) => ({ ...notice, decision_id: decisionId }) as ModerationNoticeBody,
  );
}

/**
 * A generation's state as the HTTP API shows it.
 *
 * @param images their addresses, once there are any.
 * @param progress how far it is, until it has ended.
 */
export function viewGeneration(
  { job, status, result, error }: GenerationState,
  images: readonly ImageBody[],
  progress: ProgressBody | undefined,
): GenerationBody {
  return {
    id: job.id,
    object: 'generation',
    created: Math.floor(job.createdAtMs / 1000),
    model: job.model,
    status,
    progress: progress ?? null,
    data: result === undefined ? null : [...images],
    receipt: result === undefined ? null : viewReceipt(receiptOf(result)),
    usage: (result && viewUsage(result)) ?? null,
    user: job.user || null,
    moderation_notices: viewNotices(job, result),
    replay_of: job.replay?.generationId ?? null,
    matches: job.replay === undefined || result === undefined ? null : matches(job.replay, result),
    error: error === undefined ? null : toHttp(error).body.error,
  };
}

function matches({ imageSha256 }: Replay, { images }: GenerationResult): boolean {
  return images.length === imageSha256.length && images.every(({ sha256 }, index) => sha256 === imageSha256[index]);
}

/** Returns the receipt that every result has. */
export function receiptOf(result: GenerationResult): Receipt {
  if (result.receipt === undefined) throw new DarkroomError({ code: 'internal', message: 'the result has no receipt' });
  return result.receipt;
}
