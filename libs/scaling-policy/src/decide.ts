import type { ArrivalForecast } from './arrivals.js';
import type { FleetMemory } from './fleet-memory.js';

/** Whether more replicas could be scheduled, and why not; `why` is a clause that can end a sentence. */
export type Room =
  /** Nobody was asked. */
  | { readonly kind: 'unbounded' }
  /** So many besides those that there are. */
  | { readonly kind: 'known'; readonly replicas: number; readonly why: string }
  | { readonly kind: 'unknown'; readonly why: string };

/** What a fleet has to do, and what it is. Work is in seconds of one of its devices. */
export interface FleetState {
  readonly queuedSeconds: number;
  readonly runningSeconds: number;
  readonly arrivals: ArrivalForecast;
  /** What a generation takes from being taken to being stored: the part of its latency that no replica more makes shorter. */
  readonly generationSeconds: number;
  /** Whether a worker ever measured what work costs: until then seconds are a guess. */
  readonly isMeasured: boolean;
  /** Replicas that somebody wants to be ready, whatever the work asks for; 0 for none. */
  readonly warmReplicas: number;
  /** Replicas that take work. */
  readonly ready: number;
  /** Replicas that are on their way. */
  readonly starting: number;
  readonly room: Room;
}

/** What is wanted of a fleet. */
export interface ScalingSettings {
  /** From being admitted to being done. */
  readonly latencySeconds: number;
  /** From being asked for to taking work. */
  readonly coldStartSeconds: number;
  /** Share of a replica's time that steady arrivals may fill; the rest is for what is uneven in them. */
  readonly utilisation: number;
  readonly minReplicas: number;
  readonly maxReplicas: number;
}

/** How many replicas a fleet should have. */
export interface ScalingDecision {
  readonly replicas: number;
  /** What the work asks for, or what is to be warm, within the fleet's limits. */
  readonly asked: number;
  /** Of those, how many the cluster has no room for. */
  readonly withheld: number;
  /** Whether replicas were kept because something was not known. */
  readonly isHeld: boolean;
  /** In words. */
  readonly reason: string;
}

/** The least share of the latency target that is left for waiting, where a generation by itself takes nearly all of it, or more. */
const leastWaitShare = 0.1;

/**
 * Decides how many replicas a fleet should have.
 *
 * - **To grow**: by the time that a new replica is ready, the fleet has worked for the cold start and more has arrived. What is left then
 *   must be done within what the latency target leaves for waiting; and the arrivals expected then must fit into the share of the fleet's
 *   time that they may fill.
 * - **To shrink**: fewer replicas do less at once, so they must be enough for the work that is there now.
 * - Whatever waits or runs wants one replica. While nothing was measured, it gets no more than one.
 * - What somebody wants to be warm counts like what the work asks for.
 * - What is asked for stays within the limits, falls only when nothing within the memory's window asked for more, and grows only as far
 *   as there is room. Where the room is not known, the fleet stays as it was decided last.
 *
 * @param memory of this fleet; it takes in what is decided.
 * @param nowSeconds of the memory's clock.
 */
export function decide(state: FleetState, settings: ScalingSettings, memory: FleetMemory, nowSeconds: number): ScalingDecision {
  const work = forWork(state, settings);
  const wanted = Math.max(work.replicas, state.warmReplicas);
  const asked = clamp(wanted, settings.minReplicas, settings.maxReplicas);
  const recent = memory.recommend(asked, nowSeconds);
  const decision = within(state, {
    asked,
    recent,
    last: memory.replicas,
    because: work.reason + warmWords(work.replicas, wanted) + limitWords(wanted, settings),
  });
  memory.replicas = decision.replicas;
  return decision;
}

/** What is asked for now, the most that was asked for lately, and what was decided last. */
interface Asked {
  readonly asked: number;
  readonly recent: number;
  readonly last: number;
  readonly because: string;
}

/** Keeps what is asked for within what there is room for, and from falling too soon. */
function within({ room, ready, starting }: FleetState, { asked, recent, last, because }: Asked): ScalingDecision {
  if (room.kind === 'unknown') {
    const reason = `kept at ${last}, where ${asked} ${areAsked(asked)}: ${room.why}`;
    return { replicas: last, asked, withheld: 0, isHeld: true, reason };
  }
  const kept = Math.min(last, recent);
  if (kept > asked) {
    const reason = `kept at ${kept}, where ${asked} ${areAsked(asked)} (${because}): more were a short while ago`;
    return { replicas: kept, asked, withheld: 0, isHeld: false, reason };
  }
  const most = room.kind === 'known' ? Math.max(last, ready + starting + room.replicas) : asked;
  const withheld = Math.max(0, asked - most);
  if (room.kind === 'unbounded' || withheld === 0) return { replicas: asked, asked, withheld: 0, isHeld: false, reason: because };
  const reason = `${most} of ${asked} (${because}): there is no room for ${withheld}, ${room.why}`;
  return { replicas: most, asked, withheld, isHeld: false, reason };
}

/** What the work alone asks for. */
function forWork(state: FleetState, { latencySeconds, coldStartSeconds, utilisation }: ScalingSettings) {
  const { queuedSeconds, runningSeconds, arrivals, generationSeconds, isMeasured, ready, starting } = state;
  const current = ready + starting;
  const work = queuedSeconds + runningSeconds;
  if (!isMeasured) {
    const replicas = work > 0 ? 1 : 0;
    return { replicas, reason: replicas === 0 ? 'nothing to do' : 'what the work costs has to be measured by one replica first' };
  }
  const rate = Math.max(arrivals.now, arrivals.ahead);
  const waitSeconds = Math.max(latencySeconds - generationSeconds, leastWaitShare * latencySeconds);
  // Those that are starting are ready half-way through, on average.
  const doneMeanwhile = (ready + starting / 2) * coldStartSeconds;
  const workThen = Math.max(0, work + rate * coldStartSeconds - doneMeanwhile);

  const least = work > 0 ? 1 : 0;
  const forArrivals = Math.ceil(rate / utilisation);
  const toGrow = Math.max(least, forArrivals, Math.ceil(workThen / waitSeconds));
  const toKeep = Math.max(least, forArrivals, Math.ceil(work / waitSeconds));
  const replicas = toGrow > current ? toGrow : Math.min(current, toKeep);
  if (work === 0 && replicas === 0) return { replicas, reason: 'nothing to do' };
  const waits = `${work.toFixed(1)} s of work and ${rate.toFixed(2)} s more a second`;
  const aim = `${waitSeconds.toFixed(1)} s are left for waiting of ${latencySeconds} s`;
  return { replicas, reason: `${waits}, where ${aim}` };
}

function warmWords(replicas: number, wanted: number): string {
  return wanted > replicas ? `; ${wanted} ${wanted === 1 ? 'is' : 'are'} to be warm` : '';
}

function limitWords(replicas: number, { minReplicas, maxReplicas }: ScalingSettings): string {
  if (replicas < minReplicas) return `; at least ${minReplicas}`;
  return replicas > maxReplicas ? `, which would be ${replicas}; at most ${maxReplicas}` : '';
}

function areAsked(replicas: number): string {
  return replicas === 1 ? 'is asked for' : 'are asked for';
}

function clamp(value: number, least: number, most: number): number {
  return Math.min(most, Math.max(least, value));
}
