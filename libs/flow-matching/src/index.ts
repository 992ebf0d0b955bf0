export { classifierFreeGuidance, needsGuidance } from './classifier-free-guidance.js';
export { FlowMatchEulerDiscreteScheduler } from './flow-match-euler-discrete-scheduler.js';
export type { NoiseSchedule, Scheduler } from './scheduler.js';
export { type FlowMatchEulerDiscreteConfig, parseSchedulerConfig, SchedulerConfigError } from './scheduler-config.js';
export { createScheduler } from './scheduler-registry.js';
