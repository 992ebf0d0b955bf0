export * from './cancellations.js';
export * from './generation-queue.js';
export * from './redis.js';
