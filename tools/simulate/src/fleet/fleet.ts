import type { PassCosts } from '@darkroom/onnx-pipeline/engine';
import { Replica } from './replica.js';

/** What a fleet's devices and pods are like. */
export interface FleetOptions {
  readonly seed: number;
  /** Replicas at the start, which are ready. */
  readonly replicas: number;
  /** Devices that there are. */
  readonly mostReplicas: number;
  /** From being asked for to taking work. */
  readonly coldStartSeconds: number;
  /** How often the scaler is asked. */
  readonly pollSeconds: number;
  /** Generations that a replica takes at a time. */
  readonly concurrency: number;
  /** What a step takes besides its kernels. */
  readonly stepOverheadSeconds: number;
  /** How often a device is taken away, and a process crashes, for each hour of a replica. */
  readonly spotLossesPerHour: number;
  readonly crashesPerHour: number;
}

/** The replicas of one model: which there are, which take jobs next, and what they cost. */
export class Fleet {
  readonly replicas = new Set<Replica>();
  /** How many there should be. */
  target: number;
  /** The most that there were. */
  most = 0;
  readonly #options: FleetOptions;
  readonly #costs: PassCosts;
  /** Those with room for a job, in the order in which they asked for one. */
  #offers: Replica[] = [];
  #offersFrom = 0;
  #made = 0;
  #paidSeconds = 0;

  constructor(options: FleetOptions, costs: PassCosts) {
    this.#options = options;
    this.#costs = costs;
    this.target = options.replicas;
  }

  get size(): number {
    return this.replicas.size;
  }

  get ready(): number {
    let ready = 0;
    for (const { isReady } of this.replicas) if (isReady) ready += 1;
    return ready;
  }

  /** How many there are too few. */
  get missing(): number {
    return Math.max(0, Math.min(this.target, this.#options.mostReplicas) - this.size);
  }

  /** Makes those that are there at the start. */
  begin(): Replica[] {
    return this.start(this.#options.replicas, 0);
  }

  /** Asks for more; they are paid for from now on. */
  start(count: number, nowSeconds: number): Replica[] {
    const made = Array.from(
      { length: count },
      () => new Replica(this.#made++, nowSeconds, this.#costs, this.#options.stepOverheadSeconds),
    );
    for (const replica of made) this.replicas.add(replica);
    this.most = Math.max(this.most, this.size);
    return made;
  }

  /** Chooses those that are too many: first what is not ready, then what came last, as a ReplicaSet does. */
  surplus(): Replica[] {
    const count = this.size - this.target;
    if (count <= 0) return [];
    const order = [...this.replicas].sort((a, b) => Number(a.isReady) - Number(b.isReady) || b.id - a.id);
    return order.slice(0, count);
  }

  /** Gives a replica's device back. */
  remove(replica: Replica, nowSeconds: number): void {
    replica.isGone = true;
    this.replicas.delete(replica);
    this.#paidSeconds += nowSeconds - replica.sinceSeconds;
  }

  /** Seconds of devices that were paid for until now. */
  paidSeconds(nowSeconds: number): number {
    let sum = this.#paidSeconds;
    for (const { sinceSeconds } of this.replicas) sum += nowSeconds - sinceSeconds;
    return sum;
  }

  /** Puts a replica with room at the end of those that take jobs. */
  offer(replica: Replica): void {
    const { concurrency } = this.#options;
    if (replica.isOffered || replica.isGone || !replica.isReady || replica.taken >= concurrency) return;
    replica.isOffered = true;
    this.#offers.push(replica);
  }

  /** Takes the replica whose turn it is to take a job; undefined when none has room. */
  offered(): Replica | undefined {
    for (;;) {
      const replica = this.#offers[this.#offersFrom];
      if (replica === undefined) return undefined;
      this.#offersFrom += 1;
      if (this.#offersFrom > 1_024 && 2 * this.#offersFrom > this.#offers.length) {
        this.#offers = this.#offers.slice(this.#offersFrom);
        this.#offersFrom = 0;
      }
      replica.isOffered = false;
      if (!replica.isGone) return replica;
    }
  }
}
