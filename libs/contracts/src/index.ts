export {
  checkpointKey,
  editedImageKey,
  editMaskKey,
  heldImageKey,
  imageKey,
  negativePromptKey,
  partialImageKey,
  promptKey,
  releasedImageKey,
  resultKey,
  storedPromptKeys,
} from './blob-keys.js';
export { computeUnits, guidancePasses, imageSeed, stepsMade, type Work } from './compute.js';
export {
  aloneSeconds,
  assumedSecondsPerUnit,
  bestRows,
  deviceSeconds,
  passesPerImage,
  stepMs,
  type TimedWork,
} from './device-time.js';
export { DarkroomError, type ErrorCode, type ErrorInit, errorCodes, isErrorCode } from './error/darkroom-error.js';
export { errorMetadataKey, fromGrpc, type GrpcFailure, toGrpc } from './error/grpc.js';
export { type HttpErrorAnswer, type HttpErrorBody, toHttp } from './error/http.js';
export { fromQueue, toQueue } from './error/queue.js';
export {
  generationIdsOf,
  isDecisionId,
  isGenerationId,
  isMessageId,
  isWebhookId,
  messageIdOf,
  newActId,
  newDecisionId,
  newGenerationId,
  newKeyId,
  newMessageId,
  newOperatorId,
  newTenantId,
  newWebhookId,
} from './ids.js';
export { encodingOf, type FormatNames, formatNames, toImageFormat } from './image-format.js';
export * from './messages.js';
export {
  deadLettersName,
  decodeGenerationJob,
  decodeGenerationResult,
  encodeGenerationJob,
  encodeGenerationResult,
  type GenerationProgress,
  maxInlinePromptBytes,
  maxPayloadBytes,
  type QueuePayload,
  queueName,
  type Stage,
  stages,
  travelsInline,
} from './queue.js';
export { noticeOf } from './safety/notice.js';
export {
  type ModerationStage,
  moderationStages,
} from './safety/stages.js';
export {
  blocksAlways,
  fromAzureSeverity,
  type GradedHarm,
  type HarmCategory,
  harmCategories,
  harmMeanings,
  isHarmCategory,
  type Severity,
  severities,
  sexualisedRealPerson,
  toAzureSeverity,
} from './safety/taxonomy.js';
export { type Scope, scopes } from './scopes.js';
export { fromNamedTensorMessages, fromTensorMessage, toNamedTensorMessages, toTensorMessage } from './tensors.js';
export type { Workers } from './workers.js';
