export { classifierFreeGuidance, needsGuidance } from './classifier-free-guidance.js';
export { SchedulerConfigError } from './config-file.js';
export { FlowMatchScheduler } from './flow-match-scheduler.js';
export type { NoiseSchedule, ScheduleOptions, Scheduler } from './scheduler.js';
export { parseSchedulerConfig, type SchedulerConfig } from './scheduler-config.js';
export { createScheduler, type SchedulerOverrides } from './scheduler-registry.js';
export type { Solver, SolverState } from './solver.js';
export { type SolverName, solverClassName, solverNames } from './solvers/solver-registry.js';
export { type SigmaSpacing, sigmaSpacings } from './spacings/spacing-registry.js';
