import { formatNames, type GenerationJob, isErrorCode } from '@darkroom/contracts';
import type { AdminGenerationBody, ChargeBody, GenerationRequestBody, MomentBody } from '@darkroom/contracts/admin';
import type { GenerationRow } from '../journal/generation-journal.js';
import type { UsageEntry } from '../usage/usage.repository.js';

/** A generation as the admin API lists it. */
export function viewGeneration(row: GenerationRow): AdminGenerationBody {
  const { errorCode } = row;
  return {
    id: row.id,
    tenant: row.tenantId,
    key: row.keyId,
    model: row.model,
    kind: row.kind,
    status: row.status,
    // A newer service may have codes that this one doesn't know.
    error: errorCode === null ? null : { code: isErrorCode(errorCode) ? errorCode : 'internal', message: row.errorMessage ?? '' },
    created_at: row.createdAt.toISOString(),
    started_at: moment(row.startedAt),
    ended_at: moment(row.endedAt),
    cancel_requested_at: moment(row.cancelRequestedAt),
    image_count: row.imageCount,
    width: row.width,
    height: row.height,
    steps: row.steps,
    expected_seconds: row.expectedSeconds,
    attempts: row.attempts,
    worker: row.worker,
  };
}

/** What a generation was asked for with as the admin API shows it; never its prompts. */
export function viewRequest(job: GenerationJob): GenerationRequestBody {
  return {
    seed: job.seed,
    guidance_scale: job.guidanceScale,
    solver: job.solver || null,
    sigmas: job.sigmas || null,
    output_format: formatNames(job.format).output,
    output_compression: job.outputCompression || null,
    priority: job.priority,
    deadline: job.deadlineAtMs === 0 ? null : new Date(job.deadlineAtMs).toISOString(),
    first_block_cache: job.firstBlockCacheThreshold,
    partial_images: job.partialImages,
    strength: job.imageBlobKey === '' ? null : job.strength,
    moderation: job.moderation || 'auto',
    replay_of: job.replay?.generationId ?? null,
  };
}

/** Tells what happened to a generation and when, as far as the journal has it. */
export function viewTimeline(row: GenerationRow): MomentBody[] {
  const { imageCount, width, height, steps, expectedSeconds, startedAt, endedAt, cancelRequestedAt } = row;
  const images = imageCount === 1 ? 'an image' : `${imageCount} images`;
  const seconds = expectedSeconds < 0.01 ? 'under 0.01' : expectedSeconds.toFixed(2);
  const foreseen = expectedSeconds > 0 ? `, foreseen to take ${seconds} s of a device` : '';
  const attempt = row.attempts > 1 ? `, as attempt ${row.attempts}` : '';
  const moments: [Date | null, MomentBody['what'], string][] = [
    [row.createdAt, 'accepted', `${images} of ${width}×${height} in ${steps} ${steps === 1 ? 'step' : 'steps'}${foreseen}`],
    [startedAt, 'taken', `by ${row.worker === null ? 'a worker' : `worker ${row.worker}`}${attempt}`],
    [cancelRequestedAt, 'cancel_requested', 'whichever worker has it stops within a step'],
    [endedAt, 'ended', row.errorMessage ?? row.status],
  ];
  return moments
    .flatMap(([at, what, detail]) => (at === null ? [] : [{ at: at.toISOString(), what, detail }]))
    .toSorted((a, b) => (a.at < b.at ? -1 : Number(a.at > b.at)));
}

/** What the ledger charged for a generation. */
export function viewCharge({ outcome, evaluations, computeUnits, kernelMs, recordedAt }: UsageEntry): ChargeBody {
  return {
    outcome,
    evaluations,
    compute_units: computeUnits,
    kernel_ms: kernelMs,
    recorded_at: recordedAt.toISOString(),
  };
}

function moment(date: Date | null): string | null {
  return date?.toISOString() ?? null;
}
