export { operators } from './mutation/mutate.js';
export type { AttackRow } from './sets/row.js';
