import type { ErrorCode } from '../../error/darkroom-error.js';
import type { DeliveryStatus } from '../delivery-status.js';
import type { ReceiptBody } from '../responses.js';
import type { AuditEntryBody } from './audit.js';

/** How a generation can stand in the journal; `withdrawn` is one that did not get into its queue. */
export const journalStatuses = ['accepted', 'running', 'succeeded', 'failed', 'cancelled', 'withdrawn'] as const;

/** How a generation stands in the journal. */
export type JournalStatus = (typeof journalStatuses)[number];

/** What stands in the place of a part that could not be had. */
export interface Problem {
  readonly problem: string;
}

/** A part of an answer that comes from a place of its own, which may be away; null where there is nothing. */
export type Part<T> = T | Problem | null;

/** One generation of `GET /admin/v1/generations`, as the journal has it. */
export interface AdminGenerationBody {
  readonly id: string;
  readonly tenant: string;
  readonly key: string;
  readonly model: string;
  readonly kind: 'generation' | 'edit';
  readonly status: JournalStatus;
  readonly error: { readonly code: ErrorCode; readonly message: string } | null;
  readonly created_at: string;
  /** When a worker took it last. */
  readonly started_at: string | null;
  readonly ended_at: string | null;
  readonly cancel_requested_at: string | null;
  readonly image_count: number;
  readonly width: number;
  readonly height: number;
  readonly steps: number;
  /** Of device time, as foreseen when it was accepted; 0 when nothing was known. */
  readonly expected_seconds: number;
  /** How often a worker has begun with it. */
  readonly attempts: number;
  readonly worker: string | null;
}

/** What a generation was asked for with, apart from its prompts. */
export interface GenerationRequestBody {
  readonly seed: number;
  readonly guidance_scale: number;
  readonly solver: string | null;
  readonly sigmas: string | null;
  readonly output_format: string;
  readonly output_compression: number | null;
  readonly priority: number;
  readonly deadline: string | null;
  readonly first_block_cache: number;
  readonly partial_images: number;
  /** Of an edit. */
  readonly strength: number | null;
  readonly moderation: string;
  readonly replay_of: string | null;
}

/** How a generation stands in its queue. */
export interface QueueStateBody {
  readonly state: 'waiting' | 'running' | 'put_back' | 'ended';
  /** How often it was taken because a worker that had it was heard of no more. */
  readonly workers_lost: number;
  /** When one that was put back is tried again. */
  readonly retry_at: string | null;
  readonly progress: { readonly stage: string; readonly step: number; readonly steps: number; readonly image: number } | null;
}

/** One image of a generation that has succeeded; `blurred` until a reviewer lets it go. */
export interface GenerationImageBody {
  readonly index: number;
  readonly seed: number;
  readonly content_type: string;
  readonly width: number;
  readonly height: number;
  readonly sha256: string;
  readonly blurred: boolean;
}

/** What the ledger charged for a generation. */
export interface ChargeBody {
  readonly outcome: string;
  readonly evaluations: number;
  readonly compute_units: number;
  readonly kernel_ms: number;
  readonly recorded_at: string;
}

/** How a webhook was told of a generation's end. */
export interface GenerationDeliveryBody {
  /** The delivery's id. */
  readonly delivery: string;
  readonly webhook: string;
  readonly url: string;
  readonly status: DeliveryStatus;
  readonly attempts: number;
  /** Of the last attempt. */
  readonly status_code: number | null;
  readonly error: string | null;
}

/** Something that happened to a generation, in the order of time. */
export interface MomentBody {
  readonly at: string;
  readonly what: 'accepted' | 'cancel_requested' | 'taken' | 'ended';
  readonly detail: string;
}

/** Why a generation ended as it did, in plain words, and what can be done. */
export interface AdviceBody {
  readonly cause: string;
  readonly advice: string;
}

/** Answer of `GET /admin/v1/generations/{id}`: all that is known of it, except its prompts and pictures. */
export interface WholeGenerationBody extends AdminGenerationBody {
  /** Of one that has failed or is cancelled. */
  readonly advice: AdviceBody | null;
  readonly timeline: readonly MomentBody[];
  /** Null where the queue has it no more, as do the next two: a day after its end. */
  readonly queue: Part<QueueStateBody>;
  readonly request: Part<GenerationRequestBody>;
  /** Where its trace can be looked at. */
  readonly trace: { readonly id: string; readonly url: string | null } | null;
  /** Decisions of moderation about it, the newest last. */
  readonly decisions: Part<readonly AuditEntryBody[]>;
  /** Null where it has not succeeded, as are the next two, or is not kept any more. */
  readonly receipt: Part<ReceiptBody>;
  readonly images: Part<readonly GenerationImageBody[]>;
  readonly charge: Part<ChargeBody>;
  readonly deliveries: Part<readonly GenerationDeliveryBody[]>;
}

/** Answer of `POST /admin/v1/generations/{id}/prompt`. */
export interface PromptBody {
  readonly prompt: string;
  readonly negative_prompt: string;
}

/** Answer of `POST /admin/v1/generations/{id}/retry`. */
export interface RetryBody {
  /** The new generation. */
  readonly id: string;
  readonly retry_of: string;
}
