import type { components } from './generated/openapi.js';

type Schemas = components['schemas'];

/** What images are asked for. */
export type ImageGenerationRequest = Schemas['ImageGenerationRequest'];
/** A generation's state. */
export type Generation = Schemas['Generation'];
/** A page of generations. */
export type GenerationList = Schemas['GenerationList'];
/** One event of a generation. */
export type GenerationEvent = Schemas['GenerationEvent'];
/** A served model. */
export type Model = Schemas['Model'];
/** What was found of where a picture is from. */
export type ProvenanceReport = Schemas['ProvenanceReport'];
/** What an error answer says. */
export type ErrorDetails = Schemas['Error'];
