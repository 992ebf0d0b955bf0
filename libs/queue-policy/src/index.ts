export { type AdmissionLimits, admissionLimits, type QueueBounds } from './admission-limits.js';
export { Forecast, type ForeseenWork } from './forecast.js';
