import { randomInt } from 'node:crypto';
import {
  computeUnits,
  DarkroomError,
  type GenerationJob,
  isGenerationId,
  newGenerationId,
  passesPerImage,
  type Replay,
  toImageFormat,
} from '@darkroom/contracts';
import type { ImageGenerationRequest } from '@darkroom/contracts/http';
import { traceparent } from '@darkroom/service-kit';
import { Injectable } from '@nestjs/common';
import { Admission } from '../admission/admission.js';
import type { Caller } from '../auth/caller.js';
import { digestsOf, Pictures, type SentPicture } from '../edits/pictures.js';
import { Journal } from '../journal/journal.js';
import { Limits } from '../limits/limits.js';
import { GenerationJobs } from '../queue/generation-jobs.js';
import { type GenerationState, hasEnded } from '../queue/generation-state.js';
import { type Claim, Idempotency } from '../queue/idempotency.js';
import { type PlacedInputs, StoredInputs } from './stored-inputs.js';

/** What came with a request besides its body. */
export interface SubmitOptions {
  readonly idempotencyKey: string | undefined;
  /** Aborts when the client goes away before the generation is enqueued. */
  readonly signal: AbortSignal;
  /** What it has to become the same as, when an earlier generation is made again. */
  readonly replay?: Replay | undefined;
  /** The picture that it edits; absent where it edits none. */
  readonly picture?: SentPicture | undefined;
}

/** A worker that has a generation puts it down within a step; so long a cancellation waits to tell how it ended. */
const CANCEL_PATIENCE_MS = 1_000;

/** Turns requests into generations in the queue, finds them again, and cancels them. */
@Injectable()
export class GenerationService {
  private readonly limits: Limits;
  private readonly admission: Admission;
  private readonly idempotency: Idempotency;
  private readonly pictures: Pictures;
  private readonly inputs: StoredInputs;
  private readonly journal: Journal;
  private readonly jobs: GenerationJobs;

  constructor(
    limits: Limits,
    admission: Admission,
    idempotency: Idempotency,
    pictures: Pictures,
    inputs: StoredInputs,
    journal: Journal,
    jobs: GenerationJobs,
  ) {
    this.limits = limits;
    this.admission = admission;
    this.idempotency = idempotency;
    this.pictures = pictures;
    this.inputs = inputs;
    this.journal = journal;
    this.jobs = jobs;
  }

  /**
   * Admits a request and enqueues it, and returns the generation's state; the same Idempotency-Key gives the same generation.
   *
   * @throws {DarkroomError} Thrown when it is refused, or when something that is needed is away. Nothing has been started then.
   */
  async submit(
    request: ImageGenerationRequest,
    caller: Caller,
    { idempotencyKey, signal, replay, picture }: SubmitOptions,
  ): Promise<GenerationState> {
    let id = newGenerationId();
    let claim: Claim | undefined;
    if (idempotencyKey !== undefined) {
      const files = picture && digestsOf(picture);
      const facts = { ...request, model: request.model.id, replay: replay?.generationId, files };
      claim = await this.idempotency.claim(caller.tenantId, idempotencyKey, facts, id);
      id = claim.id;
      const earlier = await this.jobs.inQueue(id);
      if (earlier !== undefined) return earlier;
    }
    const { model, deadlineAtMs } = request;
    const reservation = await this.limits.reserve(caller, { id, model: model.id, computeUnits: priceOf(request), deadlineAtMs });
    try {
      const prepared = picture && (await this.pictures.prepare(picture, request));
      const { tenantId, keyId, tenant } = caller;
      const judgedFor = { tenantId, keyId, generationId: id, policyDigest: tenant.policyDigest };
      const notices = await this.admission.check(request, prepared?.image, { judgedFor, signal });
      const inputs = await this.inputs.put(id, request, prepared);
      const job = makeJob(request, caller, { id, ...inputs, replay, notices });
      const state = await this.enqueue(job, caller, claim);
      if (state.job.id !== id) await Promise.all([reservation.release(), this.inputs.forget(job)]);
      return state;
    } catch (error) {
      await reservation.release();
      throw error;
    }
  }

  /**
   * Finds a tenant's generation.
   *
   * @throws {DarkroomError} Thrown with `not_found` when there is none, also when it is another tenant's.
   */
  async find(id: string, { tenantId }: Caller): Promise<GenerationState> {
    const state = isGenerationId(id) ? await this.jobs.find(id) : undefined;
    if (state === undefined || state.job.tenantId !== tenantId) {
      throw new DarkroomError({
        code: 'not_found',
        message: 'there is no such generation; they can be fetched for 24 hours',
        param: 'id',
      });
    }
    return state;
  }

  /**
   * Cancels a tenant's generation, and returns its state: the last one when it has ended or ends within a second, also when it was
   * quicker and succeeded.
   *
   * @throws {DarkroomError} Thrown with `not_found` when there is none, and with `unavailable` when Redis didn't confirm it.
   */
  async cancel(id: string, caller: Caller): Promise<GenerationState> {
    const state = await this.find(id, caller);
    if (hasEnded(state)) return state;
    await this.jobs.cancel(id, 'asked');
    return (await this.jobs.ended(id, AbortSignal.timeout(CANCEL_PATIENCE_MS))) ?? (await this.find(id, caller));
  }

  /** Enters a generation into the journal and adds it to its queue; returns the earlier one that its Idempotency-Key has, if it has one. */
  private async enqueue(job: GenerationJob, caller: Caller, claim: Claim | undefined): Promise<GenerationState> {
    try {
      const admitted = await this.admission.place(job, { weight: caller.tenant.weight, isRepeatable: claim !== undefined });
      // First, for a gateway that dies in between: what it leaves is put into its queue by another.
      const earlier = await this.journal.accept(admitted.job, claim);
      if (earlier !== undefined && claim !== undefined) {
        const { id } = await this.idempotency.giveBack(caller.tenantId, claim, earlier);
        return await this.find(id, caller);
      }
      await this.jobs.add(admitted);
    } catch (error) {
      // With a key the client's next attempt is this same generation, or another of its attempts has enqueued it; without one nothing
      // may be left of it.
      if (claim === undefined) {
        void this.jobs.retract(job);
        await this.inputs.forget(job);
      }
      throw error;
    }
    return { job, status: 'queued', progress: undefined, result: undefined, error: undefined };
  }
}

function makeJob(
  request: ImageGenerationRequest,
  caller: Caller,
  own: PlacedInputs & Pick<GenerationJob, 'id' | 'replay' | 'notices'>,
): GenerationJob {
  return {
    ...own,
    tenantId: caller.tenantId,
    keyId: caller.keyId,
    model: request.model.id,
    width: request.width,
    height: request.height,
    steps: request.steps,
    guidanceScale: request.guidanceScale,
    seed: request.seed ?? randomInt(2 ** 32),
    imageCount: request.imageCount,
    format: toImageFormat(request.outputFormat),
    createdAtMs: Date.now(),
    solver: request.solver ?? '',
    sigmas: request.sigmas ?? '',
    priority: request.priority,
    deadlineAtMs: request.deadlineAtMs ?? 0,
    firstBlockCacheThreshold: request.firstBlockCacheThreshold,
    traceparent: traceparent(),
    partialImages: request.partialImages,
    strength: request.strength,
    outputCompression: request.outputCompression ?? 0,
    expectedSeconds: 0,
    moderation: request.moderation,
    user: request.user ?? '',
    policyDigest: caller.tenant.policyDigest,
  };
}

/** Prices a request by what the ledger will charge for it, if it is made whole. */
function priceOf(request: ImageGenerationRequest): number {
  return computeUnits({ ...request, steps: passesPerImage({ ...request, solver: request.solver ?? '' }) });
}
