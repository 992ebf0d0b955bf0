import type { UsablePlatform } from '@darkroom/local';

/** A line of the usage ledger, as far as benchmarks read it. */
export interface UsageLine {
  readonly generation_id: string;
  readonly outcome: string;
  readonly images: number;
  readonly evaluations: number;
  readonly compute_units: number;
}

/**
 * Reads the whole ledger, page by page.
 * @param tenant whose lines to read; everybody's unless given.
 * @throws Error when the control plane doesn't answer.
 */
export async function readLedger({ controlPlaneUrl, adminToken }: UsablePlatform, tenant?: string): Promise<UsageLine[]> {
  const lines: UsageLine[] = [];
  for (let before = ''; ; ) {
    const query = `limit=1000${tenant === undefined ? '' : `&tenant=${tenant}`}${before && `&before=${before}`}`;
    const response = await fetch(`${controlPlaneUrl}/admin/v1/usage?${query}`, {
      headers: { authorization: `Bearer ${adminToken}` },
    });
    if (!response.ok) throw new Error(`the control plane answered ${response.status}`);
    const { data } = (await response.json()) as { data: UsageLine[] };
    lines.push(...data);
    const last = data.at(-1);
    if (last === undefined || data.length < 1000) return lines;
    before = last.generation_id;
  }
}
