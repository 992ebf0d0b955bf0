import type { ReceiptBody } from '@darkroom/contracts/http';

/** Where a stage's bar lies, in parts of the whole from 0 to 1. */
export interface StageBar {
  readonly stage: string;
  readonly totalMs: number;
  readonly kernelMs: number;
  readonly start: number;
  readonly length: number;
  /** What of the bar is inside the model's kernels; 1 for all of it. */
  readonly kernelShare: number;
}

/**
 * Lays a receipt's stages out one after another. Of several images some stages overlap, and kernels of one stage run side by side: so the
 * bars tell how long each stage took, and not when it was.
 */
export function stageBars(timings: ReceiptBody['timings']): StageBar[] {
  const whole = timings.reduce((sum, { total_ms }) => sum + total_ms, 0) || 1;
  let before = 0;
  return timings.map(({ stage, total_ms: totalMs, kernel_ms: kernelMs }) => {
    const start = before / whole;
    before += totalMs;
    const kernelShare = totalMs === 0 ? 0 : Math.min(1, kernelMs / totalMs);
    return { stage, totalMs, kernelMs, start, length: totalMs / whole, kernelShare };
  });
}
