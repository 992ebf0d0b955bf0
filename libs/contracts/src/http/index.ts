export { type HarmCategory, harmCategories, isHarmCategory } from '../safety/taxonomy.js';
export { type AppealViewBody, appealBody, appealStatuses, appealViewBody, maxAppealLength } from './appeals.js';
export { type DeliveryStatus, deliveryStatuses } from './delivery-status.js';
export { type GenerationDefaults, generationDefaults, parseGenerationDefaults, withDefaults } from './generation-defaults.js';
export {
  generationEvent,
  type PartialImageEventBody,
  partialImageEventBody,
} from './generation-events.js';
export { type GenerationQuery, generationQuery, replayBody } from './generation-query.js';
export { idempotencyKeyHeader, lastEventIdHeader } from './headers.js';
export {
  imageEditBody,
  imageEditForm,
  type PictureToEdit,
  parseImageEditRequest,
  typedFields,
} from './image-edit-request.js';
export {
  type ImageGenerationBody,
  type ImageGenerationRequest,
  imageGenerationBody,
  parseImageGenerationRequest,
  tooManyTokens,
} from './image-generation-request.js';
export { imageEditStreamEvent, imageStreamEvent } from './image-stream-events.js';
export { type MaiImageRequest, maiImageBody, maiImageQuery, readMaiImageBody, withSize } from './mai-image-request.js';
export {
  backgrounds,
  defaultImageCount,
  type ModelDefaults,
  type ModerationLevel,
  maxDeadlineAheadMs,
  maxPictureBytes,
  maxPicturePixels,
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
export {
  type ProvenanceReportBody,
  pictureReceiptBody,
  provenanceFields,
  provenanceForm,
  provenanceReportBody,
  type SignatureState,
  signatureStates,
} from './provenance.js';
export { type RepliedQuality, repliedQualities, repliedQuality, stepsOfQuality } from './quality.js';
export { viewReceipt } from './receipt-view.js';
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
  type ModerationNoticeBody,
  modelBody,
  modelListBody,
  moderationNoticeBody,
  type ProgressBody,
  progressBody,
  type ReceiptBody,
  receiptBody,
  stageTimingBody,
  type UsageBody,
  usageBody,
} from './responses.js';
export { isDrawn, parseSides, parseSize, type Size } from './size.js';
export {
  maxUsageDays,
  parseUsagePeriod,
  type UsageGrouping,
  type UsageLimitsBody,
  type UsageLineBody,
  type UsagePeriod,
  type UsageSummaryBody,
  usageCsv,
  usageGroupings,
  usageLimitsBody,
  usageLineBody,
  usageSummaryBody,
  usageSummaryQuery,
  viewUsageSum,
} from './usage.js';
export {
  type DeliveryAttemptBody,
  type DeliveryBody,
  type DeliveryListBody,
  type DeliveryQuery,
  type DeliveryType,
  deliveryAttemptBody,
  deliveryBody,
  deliveryListBody,
  deliveryQuery,
  deliveryTypes,
  emptyBody,
  newWebhookBody,
  type WebhookBody,
  type WebhookDeletedBody,
  type WebhookEvent,
  type WebhookListBody,
  type WebhookMessageBody,
  type WebhookWithSecretBody,
  webhookBody,
  webhookChangesBody,
  webhookDeletedBody,
  webhookEvents,
  webhookListBody,
  webhookMessageBody,
  webhookWithSecretBody,
} from './webhooks.js';
