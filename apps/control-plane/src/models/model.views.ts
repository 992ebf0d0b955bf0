import type { CanaryThresholds, Outcomes } from '@darkroom/canary-policy';
import type {
  CanaryBody,
  CanaryComparisonBody,
  CanaryThresholdsBody,
  ModelRegistrationBody,
  ModelStateBody,
  ModelVerificationBody,
  ModelWarmthBody,
  RevisionOutcomesBody,
} from '@darkroom/contracts/admin';
import type { FleetWorker } from '../fleet/fleet-workers.js';
import type { CanaryRow } from './canary.repository.js';
import type { ModelRow } from './model.repository.js';
import type { RegistrationRow } from './registration.repository.js';
import { type RevisionOutcomes, WINDOW_MS } from './revision-outcomes.js';

type Judged = Awaited<ReturnType<RevisionOutcomes['judge']>>;

/** What there is to tell of a model; workers are undefined while they are not known. */
export interface ModelState {
  readonly name: string;
  readonly row: ModelRow | undefined;
  readonly workers: readonly FleetWorker[] | undefined;
  readonly registration: RegistrationRow | undefined;
  readonly warm: ModelWarmthBody | null;
  readonly verification: ModelVerificationBody | null;
  readonly canary: CanaryBody | null;
  readonly canaryOf: string | null;
}

/** A model as the admin API shows it. */
export function viewModelState({
  name,
  row,
  workers,
  registration,
  warm,
  verification,
  canary,
  canaryOf,
}: ModelState): ModelStateBody {
  const digests = Map.groupBy(workers ?? [], ({ report }) => report.identity?.modelDigest ?? '');
  return {
    name,
    state: row === undefined && workers?.length === 0 ? 'registered' : stateOf(row, workers),
    digest: row?.digest || null,
    default_steps: row?.defaultSteps ?? null,
    first_seen_at: row?.firstSeenAt.toISOString() ?? null,
    last_seen_at: row?.lastSeenAt.toISOString() ?? null,
    retired_at: row?.retiredAt?.toISOString() ?? null,
    retired_by: row?.retiredBy ?? null,
    workers: workers?.length ?? null,
    worker_digests: [...digests].map(([digest, members]) => ({ digest, workers: members.length })),
    registration: registration === undefined ? null : viewRegistration(registration, row, workers),
    warm,
    verification,
    canary,
    canary_of: canaryOf,
  };
}

function viewRegistration(
  { digest, source, required, registeredAt, registeredBy }: RegistrationRow,
  row: ModelRow | undefined,
  workers: readonly FleetWorker[] | undefined,
): ModelRegistrationBody {
  const own = workers?.filter(({ report }) => report.identity?.modelDigest === digest).length ?? null;
  const others = workers === undefined || own === null ? null : workers.length - own;
  const isOffered = row?.digest === digest;
  const standing = () => {
    if ((row !== undefined && !isOffered) || (others ?? 0) > 0) return 'wrong';
    if (isOffered && (own ?? 0) > 0) return 'served';
    return isOffered || (own ?? 0) > 0 ? 'present' : 'absent';
  };
  return {
    digest,
    source,
    required,
    registered_at: registeredAt.toISOString(),
    registered_by: registeredBy,
    standing: standing(),
    workers: own,
    wrong_workers: others,
  };
}

function stateOf(row: ModelRow | undefined, workers: readonly FleetWorker[] | undefined): ModelStateBody['state'] {
  if (row?.retiredAt) return 'retired';
  if (workers === undefined) return 'workers_unknown';
  return workers.length === 0 ? 'no_workers' : 'serving';
}

/** Thresholds as the admin API shows them. */
export function viewThresholds(thresholds: CanaryThresholds): CanaryThresholdsBody {
  return {
    min_generations: thresholds.minGenerations,
    max_error_increase: thresholds.maxErrorIncrease,
    max_refusal_increase: thresholds.maxRefusalIncrease,
    significance: thresholds.significance,
  };
}

/** A canary as the admin API shows it, with how it was judged just now, or why it was not. */
export function viewCanary(row: CanaryRow, judged: Judged | { readonly problem: string } | undefined): CanaryBody {
  return {
    model: row.model,
    revision: row.revision,
    state: row.state,
    percent: row.percent,
    ...viewThresholds(row),
    reason: row.reason,
    watched_from: row.watchedFrom.toISOString(),
    changed_at: row.changedAt.toISOString(),
    changed_by: row.changedBy,
    comparison: judged === undefined || 'problem' in judged ? null : viewComparison(judged),
    problem: judged !== undefined && 'problem' in judged ? judged.problem : null,
  };
}

function viewComparison({ stable, canary, judgement }: Judged): CanaryComparisonBody {
  const { verdict, reason: words } = judgement;
  return { window_minutes: WINDOW_MS / 60_000, stable: viewOutcomes(stable), canary: viewOutcomes(canary), verdict, words };
}

function viewOutcomes({ ended, failed, refused }: Outcomes): RevisionOutcomesBody {
  const share = (count: number) => (ended === 0 ? 0 : count / ended);
  return { ended, failed, refused, error_rate: share(failed), refusal_rate: share(refused) };
}
