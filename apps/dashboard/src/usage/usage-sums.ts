import type { AdminUsageLineBody } from '@darkroom/contracts/admin';

/** What the page can show usage by, beside days. */
export const dimensions = ['tenant', 'model', 'key'] as const;

/** One thing that the page can show usage by. */
export type Dimension = (typeof dimensions)[number];

/** What is counted. */
export interface Sums {
  readonly generations: number;
  readonly images: number;
  readonly compute_units: number;
  readonly kernel_seconds: number;
  readonly succeeded: number;
  readonly cancelled: number;
  readonly deadline_exceeded: number;
}

/** Sums of what has one name in common. */
export interface NamedSums extends Sums {
  readonly name: string;
}

const none: Sums = {
  generations: 0,
  images: 0,
  compute_units: 0,
  kernel_seconds: 0,
  succeeded: 0,
  cancelled: 0,
  deadline_exceeded: 0,
};

/** Adds lines up. */
export function total(lines: readonly Sums[]): Sums {
  const names = Object.keys(none) as (keyof Sums)[];
  return Object.fromEntries(names.map((name) => [name, lines.reduce((sum, line) => sum + line[name], 0)])) as unknown as Sums;
}

/** Adds lines up by what `by` tells of them: days in their order, all else the one with the most compute first. */
export function summed(lines: readonly AdminUsageLineBody[], by: 'date' | Dimension): readonly NamedSums[] {
  const groups = [...Map.groupBy(lines, (line) => line[by] ?? '')].map(([name, group]) => ({ name, ...total(group) }));
  return groups.toSorted((one, other) =>
    by === 'date' ? one.name.localeCompare(other.name) : other.compute_units - one.compute_units,
  );
}

const DAY_MS = 86_400_000;

/** Every day from one to another, both counted, as dates of UTC. */
export function daysOf(from: string, to: string): readonly string[] {
  const count = Math.round((Date.parse(to) - Date.parse(from)) / DAY_MS) + 1;
  return Array.from({ length: Math.max(count, 0) }, (_, day) =>
    new Date(Date.parse(from) + day * DAY_MS).toISOString().slice(0, 10),
  );
}

/** Compute units of each day, 0 where there were none. */
export function byDay(lines: readonly AdminUsageLineBody[], days: readonly string[]): readonly number[] {
  const sums = new Map(summed(lines, 'date').map(({ name, compute_units }) => [name, compute_units]));
  return days.map((day) => sums.get(day) ?? 0);
}
