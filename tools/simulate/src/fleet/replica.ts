import { type PassCosts, StepPolicy } from '@darkroom/onnx-pipeline/engine';
import { type ImageLeft, isMade, secondsLeft, type WorkItem } from './work-item.js';

/** What the step engine is told of a generation; less than there is where a policy is to do without. */
export interface EngineView {
  readonly tenant: string;
  readonly priority: number;
  readonly deadlineAtSeconds: number | undefined;
}

/** What a pass brought about. */
export interface PassOutcome {
  /** Generations whose last pass it was. */
  readonly made: readonly WorkItem[];
  /** Generations whose deadline had passed before it. */
  readonly expired: readonly WorkItem[];
}

/** One device with the engine's own scheduler: at each step boundary the policy chooses who makes the next pass together. */
export class Replica {
  readonly id: number;
  /** Since when it has been paid for. */
  readonly sinceSeconds: number;
  isReady = false;
  isGone = false;
  /** Whether it is among those that take jobs. */
  isOffered = false;
  /** Generations it has, those in their other stages included. */
  taken = 0;
  readonly items = new Set<WorkItem>();
  readonly #costs: PassCosts;
  readonly #overheadSeconds: number;
  readonly #policy: StepPolicy;
  readonly #images = new Map<string, { readonly item: WorkItem; readonly image: ImageLeft }>();
  readonly #views = new Map<WorkItem, EngineView>();
  /** The pass under way: who makes it, and what it takes. */
  #pass: { readonly ids: readonly string[]; readonly ms: number } | undefined;
  #soonestDeadline = Number.POSITIVE_INFINITY;

  constructor(id: number, sinceSeconds: number, costs: PassCosts, overheadSeconds: number) {
    this.id = id;
    this.sinceSeconds = sinceSeconds;
    this.#costs = costs;
    this.#overheadSeconds = overheadSeconds;
    this.#policy = new StepPolicy(costs);
  }

  get isIdle(): boolean {
    return this.#pass === undefined;
  }

  /** Takes a generation in. */
  join(item: WorkItem, view: EngineView, nowSeconds: number): void {
    this.taken += 1;
    this.items.add(item);
    this.#views.set(item, view);
    this.#soonestDeadline = Math.min(this.#soonestDeadline, view.deadlineAtSeconds ?? Number.POSITIVE_INFINITY);
    for (const image of item.images) {
      if (image.left === 0) continue;
      this.#images.set(image.planId, { item, image });
      this.#policy.join({
        id: image.planId,
        tenant: view.tenant,
        priority: view.priority,
        arrivalMs: nowSeconds * 1_000,
        deadlineMs: view.deadlineAtSeconds === undefined ? undefined : view.deadlineAtSeconds * 1_000,
        bucket: item.bucket,
        rows: item.rows,
        passes: image.left,
      });
    }
  }

  /** Begins the next pass and returns when it will be made; undefined when there is nothing to do. */
  begin(
    nowSeconds: number,
  ): { readonly untilSeconds: number; readonly expired: readonly WorkItem[] } | { readonly expired: readonly WorkItem[] } {
    const expired = this.#expire(nowSeconds);
    const ids = this.#policy.next(nowSeconds * 1_000);
    if (ids.length === 0) return { expired };
    let rows = 0;
    for (const id of ids) rows += this.#imageOf(id).item.rows;
    const ms = this.#costs.passMs(this.#imageOf(ids[0] as string).item.bucket, rows);
    this.#pass = { ids, ms };
    return { untilSeconds: nowSeconds + ms / 1_000 + this.#overheadSeconds, expired };
  }

  /**
   * Books the pass that was under way, and returns the generations whose last one it was.
   *
   * @param served hears of each generation that made it, and of what of its own device time that was.
   */
  end(served: (item: WorkItem, seconds: number) => void): WorkItem[] {
    const { ids, ms } = this.#pass as { readonly ids: readonly string[]; readonly ms: number };
    this.#pass = undefined;
    this.#policy.charge(ids, ms);
    const made: WorkItem[] = [];
    for (const id of ids) {
      const { item, image } = this.#imageOf(id);
      image.left -= 1;
      served(item, item.seconds / (item.passes * item.images.length));
      if (image.left > 0) continue;
      this.#policy.leave(id);
      this.#images.delete(id);
      if (isMade(item)) {
        this.#drop(item);
        made.push(item);
      }
    }
    return made;
  }

  /** Gives up all it has: what it can't go on with any more. */
  abandon(): WorkItem[] {
    this.isGone = true;
    this.#pass = undefined;
    return [...this.items];
  }

  /** Seconds of device time that are left of all it has. */
  get secondsLeft(): number {
    let sum = 0;
    for (const item of this.items) sum += secondsLeft(item);
    return sum;
  }

  /** Ends what is too late, as the engine does at each boundary. */
  #expire(nowSeconds: number): readonly WorkItem[] {
    if (nowSeconds < this.#soonestDeadline) return [];
    const expired: WorkItem[] = [];
    let soonest = Number.POSITIVE_INFINITY;
    for (const item of this.items) {
      const deadline = this.#views.get(item)?.deadlineAtSeconds ?? Number.POSITIVE_INFINITY;
      if (deadline > nowSeconds) {
        soonest = Math.min(soonest, deadline);
        continue;
      }
      for (const { planId } of item.images) {
        this.#policy.leave(planId);
        this.#images.delete(planId);
      }
      this.#drop(item);
      expired.push(item);
    }
    this.#soonestDeadline = soonest;
    return expired;
  }

  #drop(item: WorkItem): void {
    this.items.delete(item);
    this.#views.delete(item);
  }

  #imageOf(id: string): { readonly item: WorkItem; readonly image: ImageLeft } {
    return this.#images.get(id) as { readonly item: WorkItem; readonly image: ImageLeft };
  }
}
