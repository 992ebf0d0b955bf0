/** A name, and how many under that name may be in at once. */
export type Room = readonly [name: string, most: number];

/** Counts who is in by name, so that none fills all the room there is. */
export class Crowd {
  private readonly counts = new Map<string, number>();

  /** Lets one in and returns what lets it out again; undefined when one of its rooms is full. */
  enter(rooms: readonly Room[]): (() => void) | undefined {
    if (rooms.some(([name, most]) => this.count(name) >= most)) return undefined;
    for (const [name] of rooms) this.change(name, 1);
    return () => {
      for (const [name] of rooms) this.change(name, -1);
    };
  }

  private count(name: string): number {
    return this.counts.get(name) ?? 0;
  }

  private change(name: string, by: number): void {
    const count = this.count(name) + by;
    if (count === 0) this.counts.delete(name);
    else this.counts.set(name, count);
  }
}
