import type { EngineView } from './fleet/replica.js';
import { FairOrder } from './queue/fair-order.js';
import { type JobOrder, type OrderedJob, RankedOrder } from './queue/job-order.js';
import type { SimulatedRequest } from './request.js';

/** Who comes first: a queue's order, and what of a generation its engine is told. */
export interface Ordering {
  readonly name: string;
  readonly makeQueue: () => JobOrder;
  readonly view: (request: SimulatedRequest, seconds: number) => EngineView;
}

/** A generation without deadline counts as one of so many seconds, as in the engine. */
const patienceSeconds = 60;

/** Priorities of the engine in which a second of device time outweighs any time that generations are apart. */
const perSecond = 10_000;

const deadlineOf = (request: SimulatedRequest) => request.atSeconds + request.deadlineSeconds;
const told = (request: SimulatedRequest) => (Number.isFinite(request.deadlineSeconds) ? deadlineOf(request) : undefined);

/** The orders that can be compared. All of them run the engine's own policy; those that are not ours do not tell it all there is. */
export const orderings = {
  /** What the platform does: tenants share compute, and deadlines decide within that. */
  fair: {
    name: 'fair share (Darkroom)',
    makeQueue: () => new FairOrder(),
    view: (request) => ({ tenant: request.tenantId, priority: request.priority, deadlineAtSeconds: told(request) }),
  },
  fifo: {
    name: 'first in, first out',
    makeQueue: () => new RankedOrder((job) => job.atSeconds),
    view: () => ({ tenant: '', priority: 0, deadlineAtSeconds: undefined }),
  },
  shortest: {
    name: 'shortest first',
    makeQueue: () => new RankedOrder((job) => job.seconds),
    view: (_, seconds) => ({ tenant: '', priority: -Math.round(seconds * perSecond), deadlineAtSeconds: undefined }),
  },
  deadline: {
    name: 'earliest deadline first',
    makeQueue: () => new RankedOrder((job: OrderedJob) => Math.min(job.deadlineAtSeconds, job.atSeconds + patienceSeconds)),
    view: (request) => ({ tenant: '', priority: 0, deadlineAtSeconds: told(request) }),
  },
} satisfies Record<string, Ordering>;
