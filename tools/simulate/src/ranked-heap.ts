/** What has a rank: the least comes first, and of one rank what was added first. */
interface Ranked<Value> {
  readonly rank: number;
  readonly order: number;
  readonly value: Value;
}

/** A binary heap of values by rank: events by their time, jobs by their place. */
export class RankedHeap<Value> {
  #heap: Ranked<Value>[] = [];
  #added = 0;

  get size(): number {
    return this.#heap.length;
  }

  /** The rank of the first; infinity when there is none. */
  get firstRank(): number {
    return this.#heap[0]?.rank ?? Number.POSITIVE_INFINITY;
  }

  /** The first, which stays. */
  get first(): Value | undefined {
    return this.#heap[0]?.value;
  }

  /** @param order decides among equal ranks, in place of when it was added. */
  add(rank: number, value: Value, order = this.#added++): void {
    const heap = this.#heap;
    const entry = { rank, order, value };
    let index = heap.length;
    while (index > 0) {
      const parent = (index - 1) >> 1;
      const above = heap[parent] as Ranked<Value>;
      if (!isBefore(entry, above)) break;
      heap[index] = above;
      index = parent;
    }
    heap[index] = entry;
  }

  /** Takes the first out; undefined when there is none. */
  take(): Value | undefined {
    const heap = this.#heap;
    const [first] = heap;
    const last = heap.pop();
    if (first === undefined || last === undefined || heap.length === 0) return first?.value;
    let index = 0;
    for (;;) {
      let child = 2 * index + 1;
      if (child >= heap.length) break;
      const right = heap[child + 1];
      if (right !== undefined && isBefore(right, heap[child] as Ranked<Value>)) child += 1;
      const below = heap[child] as Ranked<Value>;
      if (!isBefore(below, last)) break;
      heap[index] = below;
      index = child;
    }
    heap[index] = last;
    return first.value;
  }
}

function isBefore(a: Ranked<unknown>, b: Ranked<unknown>): boolean {
  return a.rank < b.rank || (a.rank === b.rank && a.order < b.order);
}
