export { audit } from './audit.js';
export { Client } from './client.js';
export { type Observation, observe, type Tenant } from './observation.js';
export { drawRounds, type PlannedRequest } from './plan.js';
export { faults, Testimony, type Violation } from './testimony.js';
