import type { WorkerBody } from '@darkroom/contracts/admin';
import type { FleetWorker } from './fleet-workers.js';

/** A worker as the admin API shows it. */
export function viewWorker({ model, report, isToDrain }: FleetWorker): WorkerBody {
  const { identity } = report;
  return {
    id: report.workerId,
    model,
    state: stateOf(report.drained, isToDrain),
    running: report.running,
    concurrency: report.concurrency,
    batch_occupancy: report.batchOccupancy ?? null,
    pace: report.pace || null,
    host: identity?.host || null,
    started_at: identity === undefined ? null : new Date(identity.startedAtMs).toISOString(),
    provider: identity?.provider || null,
    runtime_version: identity?.runtimeVersion || null,
    model_digest: identity?.modelDigest || null,
    generations: report.loads.map((load) => ({
      id: load.generationId,
      tenant: load.tenantId,
      steps_made: load.steps === 0 ? null : load.stepsMade,
      steps: load.steps || null,
      finish_seconds: load.finishSeconds,
    })),
  };
}

function stateOf(isDrained: boolean, isToDrain: boolean): WorkerBody['state'] {
  if (isDrained) return isToDrain ? 'drained' : 'resuming';
  return isToDrain ? 'draining' : 'taking';
}
