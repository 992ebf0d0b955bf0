import type { Scheduler, SchedulerOverrides } from '@darkroom/flow-matching';
import type { SplitTransformer } from '../denoising/caching-transformer.js';
import type { Transformer } from '../denoising/step-batch.js';
import type { ConditioningPadding, LatentFormat } from '../families/family.js';
import type { ConditioningShapes } from './conditioning.js';

/** All that the step engine needs of a model. */
export interface EngineModel {
  /** What checkpoints name the model by. */
  readonly digest: string;
  readonly latentFormat: Pick<LatentFormat, 'sizes' | 'shape' | 'tokens'>;
  readonly conditioningShapes: ConditioningShapes;
  /** As its family declares it. */
  readonly conditioningPadding?: ConditioningPadding | undefined;
  readonly transformer: Transformer;
  /** The same transformer in parts, for first-block caching; undefined where its family can't be split. */
  readonly splitTransformer?: SplitTransformer | undefined;
  /** Makes the model's scheduler, or one with another solver or spacing. */
  scheduler(overrides: SchedulerOverrides): Scheduler;
}
