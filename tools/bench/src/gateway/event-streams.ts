import { get } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { Log } from '@darkroom/service-kit';
import { connectRedis, publishEvent } from '@darkroom/service-kit/queue';
import type { GatewayProcess } from './gateway-process.js';

const PATIENCE_MS = 60_000;
/** Requests that are under way at a time while streams are opened. */
const TOGETHER = 50;

/** What open streams cost. */
export interface StreamFigures {
  readonly residentBytes: number;
  /** Milliseconds from publishing an event of each generation until the last stream had its own. */
  readonly deliveryMs: number;
}

/** Opens a stream for each of so many waiting generations, weighs the gateway, and tells one event in each. */
export async function openStreams(
  gateway: GatewayProcess,
  headers: Record<string, string>,
  count: number,
): Promise<StreamFigures> {
  const redis = connectRedis(gateway.redisUrl, Log.create('bench', 'silent'));
  const closing = new AbortController();
  try {
    const told = { places: 0, steps: 0 };
    const ids: string[] = [];
    for (let first = 0; first < count; first += TOGETHER) {
      const submitted = Array.from({ length: Math.min(TOGETHER, count - first) }, async () => {
        const id = await submitOne(gateway.url, headers);
        await listen(`${gateway.url}/v1/generations/${id}/events`, headers, closing.signal, (text) => {
          if (text.includes('"queue_position":') && !text.includes('"queue_position":null')) told.places += 1;
          if (text.includes('"stage":"denoise"')) told.steps += 1;
        });
        return id;
      });
      ids.push(...(await Promise.all(submitted)));
    }
    await until(() => told.places >= count);
    const residentBytes = gateway.residentBytes;
    const startedAt = performance.now();
    const progress = { stage: 'denoise', step: 1, steps: 9, image: 0, images: 1 };
    await Promise.all(ids.map((id) => publishEvent(redis, id, { progress, partialImage: undefined })));
    await until(() => told.steps >= count);
    return { residentBytes, deliveryMs: performance.now() - startedAt };
  } finally {
    closing.abort();
    redis.disconnect();
  }
}

async function submitOne(url: string, headers: Record<string, string>): Promise<string> {
  const body = JSON.stringify({ prompt: 'a red apple', size: '64x64', steps: 1 });
  const response = await fetch(`${url}/v1/generations`, { method: 'POST', headers, body });
  const { id } = (await response.json()) as { id?: string };
  if (id === undefined) throw new Error(`a submission was answered with ${response.status}`);
  return id;
}

/** Opens a stream, and resolves when its answer has begun. */
function listen(
  url: string,
  headers: Record<string, string>,
  signal: AbortSignal,
  onText: (text: string) => void,
): Promise<void> {
  return new Promise((resolve, reject) => {
    const { authorization } = headers;
    const request = get(url, { headers: { authorization }, agent: false, signal }, (response) => {
      response
        .setEncoding('utf8')
        .on('data', onText)
        .on('error', () => undefined);
      if (response.statusCode === 200) resolve();
      else reject(new Error(`a stream was answered with ${response.statusCode}`));
    });
    request.on('error', reject);
  });
}

async function until(condition: () => boolean): Promise<void> {
  const end = Date.now() + PATIENCE_MS;
  while (!condition()) {
    if (Date.now() > end) throw new Error('not every stream was told its events');
    await sleep(5);
  }
}
