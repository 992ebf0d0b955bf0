import { setTimeout as sleep } from 'node:timers/promises';
import type { TenantClient } from './burst.js';

const ASK_MS = 100;

/** What a refusal said, and when the same request was let in. */
export interface Refusal {
  /** Seconds, a whole number. */
  readonly told: number;
  /** Seconds until it was let in, when it was asked again and again. */
  readonly waited: number;
}

/** Submits generations until one is refused, then that one again until it is accepted. */
export async function waitOut({ gatewayUrl, secret }: TenantClient, body: object): Promise<Refusal> {
  const headers = { authorization: `Bearer ${secret}`, 'content-type': 'application/json' };
  const ask = async () => {
    const response = await fetch(`${gatewayUrl}/v1/generations`, { method: 'POST', headers, body: JSON.stringify(body) });
    await response.arrayBuffer();
    if (response.status !== 202 && response.status !== 429) throw new Error(`a submission was answered with ${response.status}`);
    return response;
  };
  let refused = await ask();
  while (refused.status === 202) refused = await ask();
  const told = Number(refused.headers.get('retry-after'));
  const refusedAt = performance.now();
  do await sleep(ASK_MS);
  while ((await ask()).status === 429);
  return { told, waited: (performance.now() - refusedAt) / 1_000 };
}
