import type { GenerationProgress } from '@darkroom/contracts';

/** Progress goes out this often at most; a watcher sees no more, and Redis has better things to do. */
const intervalMs = 100;

/**
 * Passes progress on, never faster than every 100 ms, without anyone waiting for it to arrive.
 *
 * A report that can't be sent is dropped: the next one says more.
 */
export function throttledProgress(
  send: (progress: GenerationProgress) => Promise<unknown>,
): (progress: GenerationProgress) => void {
  let lastMs = Number.NEGATIVE_INFINITY;
  return (progress) => {
    const now = performance.now();
    if (now - lastMs < intervalMs) {
      return;
    }
    lastMs = now;
    send(progress).catch(() => {});
  };
}
