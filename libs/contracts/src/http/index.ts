export {
  generationEvent,
  type PartialImageEventBody,
  type ProgressEventBody,
  partialImageEventBody,
  progressEventBody,
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
  defaultImageCount,
  type ModelDefaults,
  maxDeadlineAheadMs,
  maxPromptTokens,
  type OutputFormat,
  outputFormats,
  type Priority,
  pocketFamilyModel,
  priorities,
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
export {
  errorBody,
  errorResponseBody,
  type GenerationBody,
  type GenerationListBody,
  generationBody,
  generationListBody,
  generationStatuses,
  type ImagesResponseBody,
  imageBody,
  imagesResponseBody,
  type ModelBody,
  type ModelListBody,
  modelBody,
  modelListBody,
  progressBody,
  type ReceiptBody,
  receiptBody,
  stageTimingBody,
} from './responses.js';
export { isDrawn, parseSize, type Size } from './size.js';
