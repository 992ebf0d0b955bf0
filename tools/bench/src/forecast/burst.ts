import { get } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import type { GenerationBody, GenerationListBody } from '@darkroom/contracts/http';
import { prompts } from '../prompts.js';

const LOOK_MS = 250;

/** When a generation was expected to be done, as told at some moment; both in Unix milliseconds. */
export interface Telling {
  readonly atMs: number;
  readonly expectedMs: number;
}

/** One generation with what was told of it. */
export interface WatchedGeneration {
  readonly tellings: readonly Telling[];
  /** Unix milliseconds. */
  readonly endedMs: number;
}

/** A tenant's client. */
export interface TenantClient {
  readonly gatewayUrl: string;
  readonly secret: string;
}

const headersOf = ({ secret }: TenantClient) => ({ authorization: `Bearer ${secret}`, 'content-type': 'application/json' });

/** Draws a request: each of the sizes, counts of steps and solvers is as likely, and one in four asks for several images. */
export function drawBody(random: () => number, model: string): object {
  const pick = <Value>(values: readonly Value[]) => values[Math.floor(random() * values.length)] as Value;
  return {
    model,
    prompt: pick(prompts),
    size: pick(['64x64', '128x128', '256x256']),
    steps: pick([4, 8, 20, 50]),
    guidance_scale: pick([1, 4]),
    solver: pick(['euler', 'heun']),
    n: pick([1, 1, 1, 3]),
  };
}

/**
 * Submits a generation.
 * @throws Error when it is not accepted.
 */
export async function submit(client: TenantClient, body: object): Promise<GenerationBody> {
  const url = `${client.gatewayUrl}/v1/generations`;
  const response = await fetch(url, { method: 'POST', headers: headersOf(client), body: JSON.stringify(body) });
  const text = await response.text();
  if (response.status !== 202) throw new Error(`a submission was answered with ${response.status}: ${text.slice(0, 300)}`);
  return JSON.parse(text) as GenerationBody;
}

/** Submits generations one right after the other, and notes when each was expected to be done and when it was. */
export async function watchBurst(client: TenantClient, bodies: readonly object[]): Promise<WatchedGeneration[]> {
  const tellings = new Map<string, Telling[]>();
  const hear = ({ id, progress }: GenerationBody) => {
    if (progress?.expected_finish == null) return;
    const telling = { atMs: Date.now(), expectedMs: Date.parse(progress.expected_finish) };
    tellings.set(id, [...(tellings.get(id) ?? []), telling]);
  };
  const ends: Promise<{ id: string; endedMs: number }>[] = [];
  for (const body of bodies) {
    const generation = await submit(client, body);
    hear(generation);
    ends.push(endOf(client, generation.id));
  }
  const over = new AbortController();
  const looking = look(client, hear, over.signal);
  const ended = await Promise.all(ends).finally(async () => {
    over.abort();
    await looking;
  });
  return ended.map(({ id, endedMs }) => ({ tellings: tellings.get(id) ?? [], endedMs }));
}

async function look(client: TenantClient, hear: (generation: GenerationBody) => void, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    const response = await fetch(`${client.gatewayUrl}/v1/generations?limit=100`, { headers: headersOf(client) });
    const { data } = (await response.json()) as GenerationListBody;
    for (const generation of data) hear(generation);
    await sleep(LOOK_MS, undefined, { signal }).catch(() => undefined);
  }
}

/** Resolves when a generation's stream of events has told its end, with the moment. */
function endOf(client: TenantClient, id: string): Promise<{ id: string; endedMs: number }> {
  const { promise, resolve, reject } = Promise.withResolvers<{ id: string; endedMs: number }>();
  let text = '';
  const url = `${client.gatewayUrl}/v1/generations/${id}/events`;
  get(url, { headers: { authorization: `Bearer ${client.secret}` }, agent: false }, (response) => {
    response.setEncoding('utf8').on('data', (chunk: string) => {
      text = (text + chunk).slice(-4_000);
      // One whose pictures are refused took as long.
      if (/^event: (succeeded|failed|cancelled)$/m.test(text)) resolve({ id, endedMs: Date.now() });
    });
    response.on('end', () => reject(new Error(`the events of ${id} had no end`)));
  }).on('error', reject);
  return promise;
}
