/** Seconds as a person says them: "0.4 s", "12 s", "3 min", "2.5 h". */
export function duration(seconds: number): string {
  if (seconds >= 5_400) return `${(seconds / 3_600).toFixed(1)} h`;
  if (seconds >= 100) return `${Math.round(seconds / 60)} min`;
  return `${seconds < 10 && seconds !== 0 ? seconds.toFixed(1) : Math.round(seconds)} s`;
}

/** A number in few digits. */
export function few(value: number): string {
  return value.toLocaleString('en', { maximumFractionDigits: value < 10 ? 1 : 0 });
}

/** A share from 0 to 1 in percent; a dash where it is not known. */
export function percent(share: number | null): string {
  return share === null ? '—' : `${Math.round(100 * share)} %`;
}
