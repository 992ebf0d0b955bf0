import type { Work } from '@darkroom/queue-policy';
import type { ScalingDecision } from '@darkroom/scaling-policy';
import { Metrics } from '@darkroom/service-kit';
import { Injectable } from '@nestjs/common';
import type { FleetInCluster } from '../cluster/fleet-room.js';
import type { Fleet } from '../fleet/fleet.js';

/** Everything that a decision was made from, and the decision. */
export interface Decided {
  readonly work: Work;
  /** Undefined where there is no cluster to look at, or it is not known. */
  readonly cluster: FleetInCluster | undefined;
  readonly decision: ScalingDecision;
}

/** Tells in metrics what is decided for each fleet, and from what. */
@Injectable()
export class ScalingMetrics {
  private readonly wanted;
  private readonly withheld;
  private readonly pods;
  private readonly work;
  private readonly resource;
  private readonly decisions;

  constructor(metrics: Metrics) {
    const labelNames = ['model', 'fleet'] as const;
    this.wanted = metrics.gauge({
      name: 'darkroom_scaling_wanted_count',
      help: 'Replicas that a fleet should have.',
      labelNames,
    });
    this.withheld = metrics.gauge({
      name: 'darkroom_scaling_withheld_count',
      help: 'Replicas that the work asks for and the cluster has no room for.',
      labelNames,
    });
    this.pods = metrics.gauge({
      name: 'darkroom_scaling_pods_count',
      help: "A fleet's pods, by state: ready, starting, or pending without a node.",
      labelNames: [...labelNames, 'state'],
    });
    this.work = metrics.gauge({
      name: 'darkroom_scaling_work_seconds',
      help: "Seconds of a device that a model's work takes, by state: queued, running.",
      labelNames: ['model', 'state'],
    });
    this.resource = metrics.gauge({
      name: 'darkroom_scaling_resource_count',
      help: 'What a fleet is short of, on the nodes that it may use, by state: allocatable, free.',
      labelNames: [...labelNames, 'resource', 'state'],
    });
    this.decisions = metrics.counter({
      name: 'darkroom_scaling_decisions_total',
      help: 'Decisions by how they came about: decided, withheld for want of room, held as something was unknown, failed.',
      labelNames: [...labelNames, 'outcome'],
    });
  }

  /** Takes in a decision. */
  observe({ model, name: fleet, pods: { resource } }: Fleet, { work, cluster, decision }: Decided): void {
    this.wanted.set({ model, fleet }, decision.replicas);
    this.withheld.set({ model, fleet }, decision.withheld);
    this.work.set({ model, state: 'queued' }, work.queuedSeconds);
    this.work.set({ model, state: 'running' }, work.runningSeconds);
    this.decisions.inc({ model, fleet, outcome: decision.isHeld ? 'held' : decision.withheld > 0 ? 'withheld' : 'decided' });
    if (cluster === undefined) return;
    for (const state of ['ready', 'starting', 'pending'] as const) this.pods.set({ model, fleet, state }, cluster[state]);
    for (const state of ['allocatable', 'free'] as const) this.resource.set({ model, fleet, resource, state }, cluster[state]);
  }

  /** Takes in that nothing could be decided. */
  observeFailure({ model, name: fleet }: Fleet): void {
    this.decisions.inc({ model, fleet, outcome: 'failed' });
  }

  /** Forgets a fleet that nobody asks for any more. */
  forget({ model, name: fleet, pods: { resource } }: Fleet): void {
    this.wanted.remove({ model, fleet });
    this.withheld.remove({ model, fleet });
    for (const state of ['ready', 'starting', 'pending'] as const) this.pods.remove({ model, fleet, state });
    for (const state of ['allocatable', 'free'] as const) this.resource.remove({ model, fleet, resource, state });
  }
}
