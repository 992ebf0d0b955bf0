import { FlowMatchEulerDiscreteScheduler } from './flow-match-euler-discrete-scheduler.js';
import type { Scheduler } from './scheduler.js';
import { parseSchedulerConfig, SchedulerConfigError } from './scheduler-config.js';

/** Every scheduler by its class name in diffusers' files: a new one is a file beside these and a line here. */
const schedulers: ReadonlyMap<string, (config: Readonly<Record<string, unknown>>) => Scheduler> = new Map([
  ['FlowMatchEulerDiscreteScheduler', (config) => new FlowMatchEulerDiscreteScheduler(parseSchedulerConfig(config))],
]);

/**
 * Makes the scheduler that a model folder's `scheduler_config.json` asks for.
 *
 * @param config the file's parsed content.
 * @throws SchedulerConfigError when there is no such scheduler, or the file sets something it does not do.
 */
export function createScheduler(config: Readonly<Record<string, unknown>>): Scheduler {
  const create = schedulers.get(String(config._class_name));
  if (create === undefined) {
    throw new SchedulerConfigError(
      '_class_name',
      `must be one of ${[...schedulers.keys()].join(', ')}, not ${config._class_name}`,
    );
  }
  return create(config);
}
