import { decide, FleetMemory, forecastArrivals, type ScalingSettings } from '@darkroom/scaling-policy';

/** What a scaler may know of a fleet at a moment. Work is in seconds of a device. */
export interface FleetSight {
  readonly nowSeconds: number;
  readonly queuedSeconds: number;
  readonly runningSeconds: number;
  /** Jobs that wait, and that replicas have. */
  readonly jobs: number;
  readonly ready: number;
  readonly starting: number;
  /** Replicas that the cluster has devices for, besides those. */
  readonly free: number;
  readonly spanSeconds: number;
  readonly arrivals: readonly number[];
  readonly generationSeconds: number;
}

/** Decides how many replicas there should be. */
export interface Scaler {
  readonly name: string;
  wants(sight: FleetSight): number;
}

/** The platform's own policy: what `apps/autoscaler` runs. */
export function computeSeconds(settings: ScalingSettings, scaleDownSeconds: number, replicas: number): Scaler {
  const memory = new FleetMemory(scaleDownSeconds, replicas, 0);
  return {
    name: `compute-seconds, ${settings.latencySeconds} s`,
    wants: ({ nowSeconds, jobs: _, free, spanSeconds, arrivals, ...sight }) =>
      decide(
        {
          ...sight,
          isMeasured: true,
          warmReplicas: 0,
          arrivals: forecastArrivals(arrivals, spanSeconds, settings.coldStartSeconds),
          room: { kind: 'known', replicas: free, why: 'all devices are taken' },
        },
        settings,
        memory,
        nowSeconds,
      ).replicas,
  };
}

/** A horizontal autoscaler leaves what is within this of what it should be. */
const tolerance = 0.1;

/** What KEDA's Redis scaler and the horizontal autoscaler do together: so many jobs a replica, waiting or taken, rounded up. */
export function queueLength(
  jobsPerReplica: number,
  { minReplicas, maxReplicas }: Pick<ScalingSettings, 'minReplicas' | 'maxReplicas'>,
  scaleDownSeconds: number,
  replicas: number,
): Scaler {
  const memory = new FleetMemory(scaleDownSeconds, replicas, 0);
  return {
    name: `queue length, ${jobsPerReplica.toFixed(2)} jobs`,
    wants: ({ nowSeconds, jobs, ready, starting, free }) => {
      const current = ready + starting;
      const ratio = jobs / (jobsPerReplica * Math.max(1, current));
      const asked = Math.abs(ratio - 1) <= tolerance ? current : Math.ceil(jobs / jobsPerReplica);
      const clamped = Math.min(maxReplicas, Math.max(minReplicas, asked));
      const recent = memory.recommend(clamped, nowSeconds);
      memory.replicas = Math.min(current + free, Math.max(clamped, Math.min(recent, memory.replicas)));
      return memory.replicas;
    },
  };
}

/** The same number for ever. */
export function fixed(replicas: number): Scaler {
  return { name: `${replicas} replicas`, wants: () => replicas };
}
