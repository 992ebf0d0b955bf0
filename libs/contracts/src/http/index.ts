export { type GenerationDefaults, generationDefaults, parseGenerationDefaults, withDefaults } from './generation-defaults.js';
export {
  generationEvent,
  type PartialImageEventBody,
  partialImageEventBody,
} from './generation-events.js';
export { type GenerationQuery, generationQuery } from './generation-query.js';
export { idempotencyKeyHeader, lastEventIdHeader } from './headers.js';
export {
  type ImageGenerationBody,
  type ImageGenerationRequest,
  imageGenerationBody,
  parseImageGenerationRequest,
  tooManyTokens,
} from './image-generation-request.js';
export { imageStreamEvent } from './image-stream-events.js';
export {
  backgrounds,
  defaultImageCount,
  type ModelDefaults,
  type ModerationLevel,
  maxDeadlineAheadMs,
  maxPromptTokens,
  maxUserLength,
  moderationLevels,
  type OutputFormat,
  outputFormats,
  type Priority,
  pocketFamilyModel,
  priorities,
  type Quality,
  qualities,
  type ResponseFormat,
  ranges,
  responseFormats,
  type ServedModel,
  type SigmasParameter,
  type SolverParameter,
  sigmas,
  solvers,
} from './parameters.js';
export { parseHeader, parseStrictly } from './parse-strictly.js';
export { type RepliedQuality, repliedQualities, repliedQuality, stepsOfQuality } from './quality.js';
export {
  errorBody,
  errorResponseBody,
  type GenerationBody,
  type GenerationListBody,
  generationBody,
  generationListBody,
  generationStatuses,
  type ImageBody,
  type ImagesResponseBody,
  imageBody,
  imagesResponseBody,
  type ModelBody,
  type ModelListBody,
  modelBody,
  modelListBody,
  type ProgressBody,
  progressBody,
  type ReceiptBody,
  receiptBody,
  stageTimingBody,
  type UsageBody,
  usageBody,
} from './responses.js';
export { isDrawn, parseSize, type Size } from './size.js';
