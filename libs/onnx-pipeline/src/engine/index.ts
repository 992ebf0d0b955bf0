// The step engine without a device: for whoever brings a transformer of its own, or only a clock.
export { CostModel } from './cost-model.js';
export type { DenoiseRequest } from './denoise-request.js';
export type { EngineModel } from './engine-model.js';
export type { BatchEvent } from './events.js';
export { type PassCosts, type PlannedGeneration, type PolicyOptions, StepPolicy } from './policy.js';
export { StepEngine } from './step-engine.js';
