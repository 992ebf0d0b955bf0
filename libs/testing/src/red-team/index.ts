export { seededRandom } from '../seeded-random.js';
export type { Disguise } from './disguise.js';
export { type DisguisedPrompt, disguisedPrompts, disguises } from './disguised-prompts.js';
export { type NearMiss, readNearMisses } from './near-misses.js';
export { ordinaryPrompts } from './ordinary-prompts.js';
export { controls, type Seed, seeds } from './seeds.js';
