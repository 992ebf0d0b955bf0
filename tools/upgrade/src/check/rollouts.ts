import { setTimeout as sleep } from 'node:timers/promises';
import type { Version } from '../version.js';
import { servers, type TwoVersions } from './two-versions.js';

/** How long a service runs in both versions. */
const OVERLAP_MS = 3_000;

/** All services move from one version to the other, one after another. */
export interface Rollout {
  readonly what: string;
  readonly from: Version;
  readonly to: Version;
  /** Names of the services, in their order. */
  readonly order: readonly string[];
}

/**
 * Plans an upgrade, its rollback and another upgrade, so that callers of each version meet servers of the other, and each version works on
 * what the other has written.
 */
export function planRollouts(older: Version, newer: Version, models: readonly string[]): Rollout[] {
  const callers = [...models.map((model) => `denoiser-${model}`), 'gateway'];
  return [
    { what: 'upgrade, servers first', from: older, to: newer, order: [...servers, ...callers] },
    { what: 'rollback, servers first', from: newer, to: older, order: [...servers, ...callers] },
    { what: 'upgrade, callers first', from: older, to: newer, order: [...callers, ...servers] },
  ];
}

/** Replaces one service after another; for a while each is there in both versions. */
export async function roll(services: TwoVersions, { from, to, order }: Rollout, signal: AbortSignal): Promise<void> {
  for (const name of order) {
    await services.start(name, to);
    await sleep(OVERLAP_MS, undefined, { signal });
    await services.stop(name, from);
  }
}
