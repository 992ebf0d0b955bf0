/** A length of time as a person reads it: `840 ms`, `3.2 s`, `2 min 5 s`. */
export function duration(ms: number): string {
  if (ms < 1_000) return `${Math.round(ms)} ms`;
  if (ms < 60_000) return `${(ms / 1_000).toFixed(ms < 10_000 ? 2 : 1)} s`;
  const seconds = Math.round(ms / 1_000);
  return `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
}

/** Milliseconds from one moment to another, or to now; undefined where the first is not known. */
export function between(from: string | null, to: string | null, nowMs: number): number | undefined {
  return from === null ? undefined : Math.max(0, (to === null ? nowMs : Date.parse(to)) - Date.parse(from));
}
