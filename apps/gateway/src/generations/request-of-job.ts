import { formatNames, type GenerationJob } from '@darkroom/contracts';
import { type ImageGenerationRequest, moderationLevels, type ServedModel, sigmas, solvers } from '@darkroom/contracts/http';
import type { Inputs } from './stored-inputs.js';

/** Turns a job back into the request that it was made of; the new one has no deadline, and shows no pictures while it develops. */
export function requestOf(job: GenerationJob, model: ServedModel, prompts: Omit<Inputs, 'picture'>): ImageGenerationRequest {
  return {
    ...prompts,
    model,
    imageCount: job.imageCount,
    width: job.width,
    height: job.height,
    responseFormat: 'url',
    outputFormat: formatNames(job.format).output,
    outputCompression: job.outputCompression || undefined,
    seed: job.seed,
    steps: job.steps,
    quality: undefined,
    guidanceScale: job.guidanceScale,
    solver: solvers.find((name) => name === job.solver),
    sigmas: sigmas.find((name) => name === job.sigmas),
    priority: job.priority,
    deadlineAtMs: undefined,
    keepOnDisconnect: undefined,
    firstBlockCacheThreshold: job.firstBlockCacheThreshold,
    streams: false,
    partialImages: 0,
    moderation: moderationLevels.find((level) => level === job.moderation) ?? 'auto',
    user: job.user || undefined,
    strength: job.strength,
  };
}
