import { setTimeout as sleep } from 'node:timers/promises';
import type { GenerationBody, GenerationListBody, UsageLimitsBody } from '@darkroom/contracts/http';
import type { UsablePlatform } from '@darkroom/local';
import { readLedger, type UsageLine } from '../ledger.js';
import { sha256, type Testimony } from './testimony.js';

const POLL_MS = 500;
/** A place that was taken for a generation which never came into the queue comes back after a minute. */
const PLACES_BACK_MS = 75_000;
/** Width and height are the first two numbers of a PNG's header chunk (PNG specification, 11.2.1). */
const PNG_SIZE_AT = 16;

/** An image as it can be fetched. */
export interface FetchedImage {
  readonly status: number;
  readonly size: string;
  readonly sha256: string;
}

/** A generation as its tenant can read it. */
export interface ReadGeneration {
  /** Undefined when it can not be read. */
  readonly body: GenerationBody | undefined;
  readonly images: readonly FetchedImage[];
}

/** What there is when all is over. */
export interface Observation {
  /** Every generation that a client was told of, or that is listed or in the ledger, by its id. */
  readonly generations: ReadonlyMap<string, ReadGeneration>;
  readonly listed: ReadonlySet<string>;
  readonly ledger: readonly UsageLine[];
  /** Generations that are counted as going on. */
  readonly running: number;
  /** Compute units that are counted as used this month. */
  readonly used: number;
}

/** A tenant on a platform. */
export interface Tenant {
  readonly id: string;
  readonly secret: string;
  readonly platform: UsablePlatform;
}

/** Looks at all that a tenant can see, and at the ledger, once nothing goes on any more. */
export async function observe(tenant: Tenant, testimony: Testimony): Promise<Observation> {
  let limits = await get<UsageLimitsBody>(tenant, '/v1/usage/limits');
  for (const end = Date.now() + PLACES_BACK_MS; (limits?.concurrent_generations?.running ?? 0) > 0 && Date.now() < end; ) {
    await sleep(POLL_MS);
    limits = await get<UsageLimitsBody>(tenant, '/v1/usage/limits');
  }
  const [listed, ledger] = await Promise.all([list(tenant), readLedger(tenant.platform, tenant.id)]);
  const ids = new Set([...testimony.generations.keys(), ...listed, ...ledger.map(({ generation_id }) => generation_id)]);
  const generations = new Map<string, ReadGeneration>();
  for (const id of ids) generations.set(id, await read(tenant, id));
  const running = limits?.concurrent_generations?.running ?? Number.NaN;
  return { generations, listed, ledger, running, used: limits?.compute_units_per_month.used ?? Number.NaN };
}

async function list(tenant: Tenant): Promise<Set<string>> {
  const ids = new Set<string>();
  for (let after = ''; ; ) {
    const page = await get<GenerationListBody>(tenant, `/v1/generations?limit=100${after && `&after=${after}`}`);
    for (const { id } of page?.data ?? []) ids.add(id);
    if (page?.has_more !== true || page.last_id === null) return ids;
    after = page.last_id;
  }
}

async function read(tenant: Tenant, id: string): Promise<ReadGeneration> {
  const body = await get<GenerationBody>(tenant, `/v1/generations/${id}`);
  const images = (body?.data ?? []).map(async ({ url = '' }): Promise<FetchedImage> => {
    const response = await fetch(new URL(url, tenant.platform.gatewayUrl));
    const bytes = Buffer.from(await response.arrayBuffer());
    const isPng = response.ok && bytes.length > PNG_SIZE_AT + 8;
    const size = isPng ? `${bytes.readUInt32BE(PNG_SIZE_AT)}x${bytes.readUInt32BE(PNG_SIZE_AT + 4)}` : '';
    return { status: response.status, size, sha256: sha256(bytes) };
  });
  return { body, images: await Promise.all(images) };
}

/** Asks the gateway; undefined where there is nothing. @throws Error when it doesn't answer. */
async function get<Body>({ platform, secret }: Tenant, route: string): Promise<Body | undefined> {
  const response = await fetch(`${platform.gatewayUrl}${route}`, { headers: { authorization: `Bearer ${secret}` } });
  if (response.status === 404) return undefined;
  if (!response.ok) throw new Error(`GET ${route} answered ${response.status}`);
  return (await response.json()) as Body;
}
