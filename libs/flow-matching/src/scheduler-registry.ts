import { FlowMatchScheduler } from './flow-match-scheduler.js';
import type { Scheduler } from './scheduler.js';
import { parseSchedulerConfig } from './scheduler-config.js';
import type { SolverName } from './solvers/solver-registry.js';
import type { SigmaSpacing } from './spacings/spacing-registry.js';

/** What a request may choose besides what the model's file says. */
export interface SchedulerOverrides {
  readonly solver?: SolverName | undefined;
  readonly spacing?: SigmaSpacing | undefined;
}

/**
 * Makes the scheduler that a model folder's `scheduler_config.json` asks for, or one with another solver or spacing.
 *
 * An override replaces that part alone: another solver goes through the model's own noise levels, and another spacing lies
 * between the model's own first and last.
 *
 * @param config the file's parsed content.
 * @throws SchedulerConfigError when there is no such scheduler, or the file sets something it does not do.
 */
export function createScheduler(config: Readonly<Record<string, unknown>>, overrides: SchedulerOverrides = {}): Scheduler {
  const own = parseSchedulerConfig(config);
  return new FlowMatchScheduler({
    ...own,
    solver: overrides.solver ?? own.solver,
    spacing: overrides.spacing ?? own.spacing,
  });
}
