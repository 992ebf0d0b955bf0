export { type CurvePoint, kernelCurve } from './kernel-curve.js';
export { replay } from './replay.js';
export { type Material, openMaterial, Testbed } from './testbed.js';
export { type Arrival, type Job, mixedJobs, mixSides, mixSteps, poissonArrivals } from './workload.js';
