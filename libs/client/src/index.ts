export { ApiError, type ApiErrorInit } from './api-error.js';
export {
  DarkroomClient,
  type DarkroomClientOptions,
  type PictureToEdit,
  type SubmitOptions,
  type WaitOptions,
} from './client.js';
export type { EventsOptions } from './event-stream.js';
export type { operations, paths } from './generated/openapi.js';
export type {
  ErrorDetails,
  Generation,
  GenerationEvent,
  GenerationList,
  ImageGenerationRequest,
  Model,
  ProvenanceReport,
} from './schemas.js';
