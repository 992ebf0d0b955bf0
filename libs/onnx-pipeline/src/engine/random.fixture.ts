/** Seeded random choices for property tests, so that a failing mix can be made again. */
export interface RandomChoices {
  /** A whole number from low to high, both included. */
  integer(low: number, high: number): number;
  pick<T>(items: readonly T[]): T;
}

/** Makes choices from a seed, by Mulberry32. */
export function random(seed: number): RandomChoices {
  let state = seed;
  const uniform = () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 0x1_0000_0000;
  };
  const integer = (low: number, high: number) => low + Math.floor(uniform() * (high - low + 1));
  return { integer, pick: (items) => items[integer(0, items.length - 1)] as (typeof items)[number] };
}
