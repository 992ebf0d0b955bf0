const STOP_REASONS = ['SIGINT', 'SIGTERM', 'SIGHUP', 'disconnect'] as const;

/** Why a command was told to stop. */
export type StopReason = (typeof STOP_REASONS)[number];

/** Tells whether something thrown is the reason of an aborted stop signal. */
export function isStopReason(thrown: unknown): thrown is StopReason {
  return STOP_REASONS.some((reason) => reason === thrown);
}

/**
 * Turns Ctrl-C, a kill, a closed terminal and a dead parent into one AbortSignal whose reason is a StopReason.
 * Later signals change nothing: a terminal's Ctrl-C arrives more than once, through npm and directly.
 */
export function stopSignal(): AbortSignal {
  const controller = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
    process.on(signal, () => controller.abort(signal satisfies StopReason));
  if (process.channel !== undefined) {
    process.channel.unref();
    process.once('disconnect', () => controller.abort('disconnect'));
  }
  return controller.signal;
}

/** Resolves when the signal is aborted. */
export function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
