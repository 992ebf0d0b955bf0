import { gotThrough } from '../attack/outcome.js';
import type { AttackRecord, RunResult } from '../attack/run-file.js';
import { structureOperators, wordingOperators } from '../mutation/wording.js';
import type { AttackRow } from '../sets/row.js';
import { type Finding, hasExpired, move } from './finding.js';
import type { FindingStore } from './store.js';

/** What a run changed among the findings. */
export interface Collected {
  readonly opened: number;
  /** Mended once, or accepted for a time that is over, and got through again. */
  readonly reopened: number;
  readonly known: number;
}

/** Attacks that a finding keeps; more of the same kind show nothing new. */
const KEPT_ATTACKS = 5;

/** Makes findings of what got through with mitigations on, and opens again those that were thought to be over. */
export async function collectFindings(run: RunResult, store: FindingStore, now: Date): Promise<Collected> {
  const known = new Map((await store.list()).map((finding) => [finding.id, finding]));
  const counts = { opened: 0, reopened: 0, known: 0 };
  for (const [id, attacks] of Map.groupBy(unexplained(run.attacks), findingId)) {
    const earlier = known.get(id);
    if (earlier === undefined) {
      counts.opened += 1;
      await store.put(
        seenAgain({ id, state: 'open', severity: 0, first_seen: run.started_at, attacks: [], history: [] }, attacks, run),
      );
      continue;
    }
    const seen = seenAgain(earlier, attacks, run);
    const isBroken = ['mitigated', 'verified', 'closed'].includes(earlier.state) || hasExpired(earlier, now);
    counts[isBroken ? 'reopened' : 'known'] += 1;
    await store.put(isBroken ? move(seen, { to: 'open', at: now, note: `got through in the run of ${run.started_at}` }) : seen);
  }
  return counts;
}

/**
 * Lists the attacks that got through and that nothing simpler explains: a disguise of what gets through undisguised shows nothing
 * new, nor does a chain of which one operator alone gets harm of that category through.
 */
export function unexplained(attacks: readonly AttackRecord[]): AttackRecord[] {
  const through = attacks.filter(({ expected, on }) => expected === 'block' && gotThrough(on));
  const ids = new Set(through.map(({ id }) => id));
  const single = new Set(
    through.filter(({ technique }) => !technique.includes('+')).map(({ category, technique }) => `${category} ${technique}`),
  );
  return through.filter(({ id, category, technique }) => {
    const [seed = ''] = id.split('~');
    const chain = technique.split('+');
    return (seed === id || !ids.has(seed)) && (chain.length === 1 || !chain.some((name) => single.has(`${category} ${name}`)));
  });
}

const around = [...wordingOperators, ...structureOperators].map(({ name }) => name);

/** Names the finding that an attack belongs to: of a chain, by what was built around the disguise. */
function findingId({ category, technique }: AttackRecord): string {
  const chain = technique.split('+');
  return `${category}.${chain.find((name) => around.includes(name)) ?? chain[0]}`;
}

function seenAgain(finding: Omit<Finding, 'last_seen'>, attacks: readonly AttackRecord[], run: RunResult): Finding {
  const kept = new Map([...finding.attacks, ...attacks.map(rowOf)].map((row) => [row.id, row]));
  const all = [...kept.values()].slice(0, Math.max(KEPT_ATTACKS, finding.attacks.length));
  const severity = all.reduce<Finding['severity']>((most, row) => (row.severity > most ? row.severity : most), finding.severity);
  return { ...finding, severity, last_seen: run.started_at, attacks: all };
}

function rowOf({ judged_only: _, off: __, on: ___, ...row }: AttackRecord): AttackRow {
  return row;
}
