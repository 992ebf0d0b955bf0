import { createHash } from 'node:crypto';
import type { GenerationBody } from '@darkroom/contracts/http';
import type { UsablePlatform } from '@darkroom/local';
import { readLedger } from '../ledger.js';
import type { Submitted } from './load.js';

/** What is wrong with a set of generations that have ended; every count should be 0. */
export interface Findings {
  /** Generations in no final state. */
  unfinished: number;
  /** Succeeded generations without exactly as many images as were asked for. */
  wrongImages: number;
  /** Images that differ from another one of the same request. */
  differing: number;
  /** Succeeded generations without exactly one line in the ledger for exactly what they took, and others that are charged for too much. */
  wrongCharges: number;
  /** How the generations ended. */
  readonly outcomes: Map<string, number>;
}

/** Evaluations of the transformer that a request takes: Heun looks twice at every step but the last. */
export function expectedEvaluations({ request: { steps, solver, guidance_scale, n } }: Submitted): number {
  const passes = solver === 'heun' ? 2 * steps - 1 : steps;
  return passes * (guidance_scale > 1 ? 2 : 1) * n;
}

/** Compares what became of every generation with what ought to. */
export async function audit(
  platform: UsablePlatform,
  ended: readonly (Submitted & { readonly state: GenerationBody })[],
): Promise<Findings> {
  const findings: Findings = { unfinished: 0, wrongImages: 0, differing: 0, wrongCharges: 0, outcomes: new Map() };
  const lines = Map.groupBy(await readLedger(platform), ({ generation_id }) => generation_id);
  const digests = new Map<string, string>();
  for (const generation of ended) {
    const { state, request, id } = generation;
    const outcome = state.error?.code ?? state.status;
    findings.outcomes.set(outcome, (findings.outcomes.get(outcome) ?? 0) + 1);
    const charged = lines.get(id) ?? [];
    const most = expectedEvaluations(generation);
    if (state.status === 'queued' || state.status === 'running') findings.unfinished += 1;
    if (state.status !== 'succeeded') {
      const isFair = charged.length <= 1 && charged.every((line) => line.outcome === outcome && line.evaluations <= most);
      if (!isFair) findings.wrongCharges += 1;
      continue;
    }
    if (charged.length !== 1 || charged[0]?.outcome !== 'succeeded' || charged[0].evaluations !== most)
      findings.wrongCharges += 1;
    if (state.data?.length !== request.n) findings.wrongImages += 1;
    for (const [index, image] of (state.data ?? []).entries()) {
      const digest = await digestOf(platform, image.url ?? '');
      // Image i of a generation is drawn from the seed plus i.
      const name = JSON.stringify({ ...request, n: 1, seed: request.seed + index });
      if ((digests.get(name) ?? digest) !== digest) findings.differing += 1;
      digests.set(name, digest);
    }
  }
  return findings;
}

async function digestOf(platform: UsablePlatform, url: string): Promise<string> {
  const response = await fetch(new URL(url, platform.gatewayUrl));
  if (!response.ok) throw new Error(`an image's address answered ${response.status}`);
  return createHash('sha256')
    .update(Buffer.from(await response.arrayBuffer()))
    .digest('hex');
}
