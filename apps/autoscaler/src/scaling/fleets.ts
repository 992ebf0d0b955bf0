import { DarkroomError, type ScaledObjectRef } from '@darkroom/contracts';
import { decide, FleetMemory, type FleetState, forecastArrivals, type Room } from '@darkroom/scaling-policy';
import { Log, Readiness } from '@darkroom/service-kit';
import { Injectable } from '@nestjs/common';
import { Cluster } from '../cluster/cluster.js';
import { type FleetInCluster, fleetInCluster } from '../cluster/fleet-room.js';
import { type Fleet, readFleet } from '../fleet/fleet.js';
import { ModelWork, type WantedWork } from '../work/model-work.js';
import { type Decided, ScalingMetrics } from './scaling-metrics.js';

/** One look is enough for the questions that KEDA asks in one go. */
const FRESH_MS = 1_000;

/** A fleet that nobody has asked for in so long is gone. */
const FORGET_MS = 10 * 60 * 1_000;

/** A fleet that is asked for, and what has been decided for it. */
interface Known {
  /** What its trigger said. */
  readonly metadata: string;
  readonly fleet: Fleet;
  memory: FleetMemory | undefined;
  latest: { readonly decided: Promise<Decided>; readonly atMs: number } | undefined;
  /** What was logged last: a number alone is no news. */
  told: string;
  note: string | undefined;
}

/** Decides for each fleet how many replicas it should have. */
@Injectable()
export class Fleets {
  private readonly known = new Map<string, Known>();

  constructor(
    private readonly work: ModelWork,
    private readonly cluster: Cluster,
    private readonly metrics: ScalingMetrics,
    private readonly readiness: Readiness,
    private readonly log: Log,
  ) {}

  /**
   * Decides for the fleet of a ScaledObject, or returns what was decided within the last second.
   *
   * @throws {DarkroomError} Thrown as {@link fleetOf} does, and with `unavailable` when the queue can't be read: KEDA then leaves the fleet
   *   as it is.
   */
  async decide(ref: ScaledObjectRef): Promise<{ readonly fleet: Fleet } & Decided> {
    this.forgetOld();
    const known = this.knownOf(ref);
    if (known.latest === undefined || performance.now() - known.latest.atMs >= FRESH_MS) {
      const decided = this.decideNow(known);
      known.latest = { decided, atMs: performance.now() };
      decided.catch(() => {
        known.latest = undefined;
        this.metrics.observeFailure(known.fleet);
      });
    }
    return { fleet: known.fleet, ...(await known.latest.decided) };
  }

  /**
   * Reads which fleet a ScaledObject is of.
   *
   * @throws {DarkroomError} Thrown with `invalid_argument` for metadata that is wrong, and with `not_found` for a model that is not known.
   */
  fleetOf(ref: ScaledObjectRef): Fleet {
    return this.knownOf(ref).fleet;
  }

  private knownOf(ref: ScaledObjectRef): Known {
    const key = `${ref.namespace}/${ref.name}`;
    const metadata = JSON.stringify(ref.scalerMetadata);
    const known = this.known.get(key);
    if (known?.metadata === metadata) return known;
    // Another trigger: what was decided for the one before is no measure for it.
    const fleet = readFleet(ref);
    this.work.assertKnown(fleet.model);
    if (this.cluster.isWatched && Object.keys(fleet.pods.labels).length === 0) {
      const message = "`podLabels` of the trigger's metadata is missing: the fleet's pods are looked for in the cluster";
      throw new DarkroomError({ code: 'invalid_argument', message, param: 'podLabels' });
    }
    const fresh: Known = { metadata, fleet, memory: undefined, latest: undefined, told: '', note: undefined };
    this.known.set(key, fresh);
    this.readiness.tell(`fleet ${key}`, () => fresh.note);
    return fresh;
  }

  private async decideNow(known: Known): Promise<Decided> {
    const { fleet } = known;
    const work = await this.work.of(fleet.model);
    const { view } = this.cluster;
    const cluster = view.kind === 'seen' ? fleetInCluster(view, fleet.namespace, fleet.pods) : undefined;
    const room: Room = cluster?.room ?? (view.kind === 'unknown' ? view : { kind: 'unbounded' });
    const state = stateOf(fleet, work, cluster, room);
    const nowSeconds = performance.now() / 1_000;
    known.memory ??= new FleetMemory(fleet.scaleDownSeconds, state.ready + state.starting, nowSeconds);
    const decided = { work, cluster, decision: decide(state, fleet.settings, known.memory, nowSeconds) };
    this.metrics.observe(fleet, decided);
    this.tell(known, decided);
    return decided;
  }

  private tell(known: Known, { decision }: Decided): void {
    const { replicas, withheld, isHeld, reason } = decision;
    known.note = isHeld || withheld > 0 ? reason : undefined;
    const news = `${replicas} ${withheld} ${isHeld}`;
    if (news === known.told) return;
    known.told = news;
    this.log.info('fleet decided', { fleet: known.fleet.name, model: known.fleet.model, replicas, withheld, reason });
  }

  private forgetOld(): void {
    for (const [key, { fleet, latest }] of this.known) {
      if (latest !== undefined && performance.now() - latest.atMs > FORGET_MS) {
        this.known.delete(key);
        this.readiness.tellNoMore(`fleet ${key}`);
        this.metrics.forget(fleet);
      }
    }
  }
}

function stateOf(fleet: Fleet, work: WantedWork, cluster: FleetInCluster | undefined, room: Room): FleetState {
  const { share } = fleet;
  const arrivals = forecastArrivals(work.arrivals, work.spanSeconds, fleet.settings.coldStartSeconds);
  return {
    queuedSeconds: share * work.queuedSeconds,
    runningSeconds: share * work.runningSeconds,
    arrivals: { now: share * arrivals.now, ahead: share * arrivals.ahead },
    generationSeconds: work.generationSeconds,
    isMeasured: work.isMeasured,
    // Together fleets that share a model have as many as are wanted, or a few more.
    warmReplicas: Math.ceil(Number((share * work.warmReplicas).toFixed(6))),
    ready: cluster?.ready ?? Math.round(share * work.workers),
    starting: cluster?.starting ?? 0,
    room,
  };
}
