export { type AdmissionLimits, admissionLimits, type QueueBounds } from './admission-limits.js';
export { Forecast, type ForeseenWork } from './forecast.js';
export { type OtherJobs, type Work, type Workload, workOf } from './queue-work.js';
