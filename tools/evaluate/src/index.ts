export type { Evaluation } from './evaluate.js';
export type { Report } from './report.js';
export { mean, meanSquaredError, psnr } from './statistics.js';
