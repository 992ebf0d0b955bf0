export type { LeftGeneration, LeftWork, RecordedState } from './state/recorded-state.js';
export { restoreState } from './state/restore.js';
