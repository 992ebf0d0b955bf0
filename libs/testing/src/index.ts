export * from './blob-store-conformance.js';
export * from './certificates.js';
export * from './ports.js';
export * from './postgres-server.js';
export * from './redis-server.js';
export * from './temporary-folder.js';
export * from './trace-collector.js';
export * from './wire.js';
