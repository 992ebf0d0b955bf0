import { DarkroomError, type GenerationJob, type GenerationResult, type Receipt, type Replay, toHttp } from '@darkroom/contracts';
import {
  type GenerationBody,
  type ImageBody,
  type ModerationNoticeBody,
  type ProgressBody,
  type UsageBody,
  viewReceipt,
} from '@darkroom/contracts/http';
import type { GenerationState } from '../queue/generation-state.js';

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
