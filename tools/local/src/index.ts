export { INTERRUPTED, runCommand } from './command.js';
export { environmentHelp, type LocalConfig, LocalError, readLocalConfig } from './config.js';
export { residentBytes } from './memory.js';
export { LocalPlatform, type ServiceStatus, type StartOptions } from './platform.js';
export { freePorts } from './ports.js';
export { processIdentity, type RunningService, type RunRecord, readRunRecord } from './run-file.js';
export { stopSignal } from './stop-signal.js';
export { indent, mebibytes, table } from './table.js';
export { type UsablePlatform, type UseOptions, usePlatform } from './use-platform.js';
