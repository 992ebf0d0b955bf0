export { fromPipeline, translateErrors } from './from-pipeline.js';
export { KernelMetrics } from './kernel-metrics.js';
export { type ExecutionConfig, modelOptions } from './model-options.js';
export { type ModelStage, type ServedModel, ServedModels, type ServedModelsOptions } from './served-models.js';
