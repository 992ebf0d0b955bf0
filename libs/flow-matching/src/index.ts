export { classifierFreeGuidance, needsGuidance } from './classifier-free-guidance.js';
export { FlowMatchEulerDiscreteScheduler, type NoiseSchedule } from './flow-match-euler-discrete-scheduler.js';
export { type FlowMatchEulerDiscreteConfig, parseSchedulerConfig, SchedulerConfigError } from './scheduler-config.js';
