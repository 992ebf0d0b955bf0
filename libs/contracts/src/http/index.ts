export {
  generationEventTypes,
  type PartialImageEventBody,
  type ProgressEventBody,
  partialImageEventBody,
  progressEventBody,
} from './generation-events.js';
export {
  type ImageGenerationBody,
  type ImageGenerationRequest,
  imageGenerationBody,
  parseImageGenerationRequest,
  tooManyTokens,
} from './image-generation-request.js';
export {
  defaultImageCount,
  type ModelDefaults,
  maxPromptTokens,
  type OutputFormat,
  outputFormats,
  pocketFamilyModel,
  type ResponseFormat,
  ranges,
  responseFormats,
  type ServedModel,
} from './parameters.js';
export {
  errorBody,
  type GenerationBody,
  generationBody,
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
