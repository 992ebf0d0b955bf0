export type { Evaluation } from './evaluate.js';
export type { Report } from './report.js';
export { mean, meanSquaredError, psnr, type Share, wilson } from './statistics.js';
