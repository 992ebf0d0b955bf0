export * from './cancellations.js';
export * from './expiring-blobs.js';
export * from './fair-queue.js';
export * from './generation-events.js';
export * from './generation-queue.js';
export * from './redis.js';
export * from './webhook-events.js';
export * from './worker-reports.js';
