import type { TimedWork } from '@darkroom/contracts';

/** A generation that is asked for at a moment. */
export interface SimulatedRequest extends TimedWork {
  readonly id: string;
  /** Seconds from the start. */
  readonly atSeconds: number;
  readonly tenantId: string;
  /** The tenant's share beside others. */
  readonly weight: number;
  /** Larger is more urgent: 1, 0 or -1. */
  readonly priority: number;
  /** Seconds after which it is of no use any more. */
  readonly deadlineSeconds: number;
}
