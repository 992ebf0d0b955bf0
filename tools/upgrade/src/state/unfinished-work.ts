import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { GenerationBody } from '@darkroom/contracts/http';
import type { LocalPlatform } from '@darkroom/local';
import type { LeftGeneration, LeftWork } from './recorded-state.js';

const PATIENCE_MS = 60_000;

/** A body without what makes generations differ. */
const plain = { prompt: 'a red apple on a blue background', seed: 7, response_format: 'url' } as const;

/** Longer than what may lie in a queue, so that it lies in the blob store. */
const longPrompt = `a red apple${' on a blue background'.repeat(300)}`.slice(0, 5_000);

/** Asks a platform for generations, and returns while they are at different points of their ways. */
export async function leaveWork(platform: LocalPlatform): Promise<LeftWork> {
  const apiKey = await platform.apiKey();
  const call = async <Body>(method: string, route: string, body?: object, headers: Record<string, string> = {}) => {
    const response = await fetch(`${platform.gatewayUrl}/v1/${route}`, {
      method,
      headers: { authorization: `Bearer ${apiKey}`, 'content-type': 'application/json', ...headers },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    if (!response.ok) throw new Error(`${method} ${route} answered ${response.status}: ${await response.text()}`);
    return (await response.json()) as Body;
  };
  const submit = async (name: string, differing: object): Promise<LeftGeneration> => {
    const body = { ...plain, ...differing };
    const { id } = await call<GenerationBody>('POST', 'generations', body, { 'idempotency-key': name });
    return { id, idempotencyKey: name, body };
  };
  /** Asks for what moderation refuses, and returns a filter of the audit log that finds that decision alone. */
  const refused = async (): Promise<LeftWork['judged']> => {
    const response = await fetch(`${platform.gatewayUrl}/v1/generations`, {
      method: 'POST',
      headers: { authorization: `Bearer ${apiKey}`, 'content-type': 'application/json' },
      body: JSON.stringify({ prompt: 'hardcore porn' }),
    });
    if (response.status !== 400) throw new Error(`what is refused was answered ${response.status}: ${await response.text()}`);
    return { action: 'block' };
  };
  const look = (id: string) => call<GenerationBody>('GET', `generations/${id}`);

  const { id: webhookId, secret } = await call<LeftWork['webhook']>('POST', 'webhooks', { url: 'http://127.0.0.1:9/hook' });
  // The other model's queue has nothing but this, so no later end takes it out of there.
  const finished = await submit('finished', { model: 'pocket-turbo', size: '64x64' });
  await until('the first generation has succeeded', async () => (await look(finished.id)).status === 'succeeded');
  const { data } = await look(finished.id);
  const image = await fetch(new URL(data?.[0]?.url ?? '', platform.gatewayUrl));
  const imageSha256 = createHash('sha256')
    .update(Buffer.from(await image.arrayBuffer()))
    .digest('hex');

  const running = await submit('running', { model: 'pocket', size: '256x256', steps: 60 });
  await until('there is a checkpoint', async () =>
    existsSync(path.join(platform.config.stateDir, `blobs/checkpoints/${running.id}/0.bin`)),
  );
  pause(platform, 'denoiser-pocket');
  const waiting = await submit('waiting', { model: 'pocket', size: '64x64', steps: 3, prompt: longPrompt, priority: 'high' });
  const cancelled = await submit('cancelled', { model: 'pocket', size: '64x64', steps: 3 });
  await call('DELETE', `generations/${cancelled.id}`);
  // What moderators decide from now on waits in Redis for the control plane.
  pause(platform, 'control-plane');
  const judged = await refused();
  return { finished: { ...finished, imageSha256 }, running, waiting, cancelled, judged, webhook: { id: webhookId, secret } };
}

/** Stops a service in its tracks: it keeps all that it has, and does nothing more. */
function pause(platform: LocalPlatform, name: string): void {
  const pid = platform.status().find((service) => service.name === name)?.pid;
  if (pid === undefined) throw new Error(`${name} does not run`);
  process.kill(-pid, 'SIGSTOP');
}

async function until(what: string, condition: () => Promise<boolean>): Promise<void> {
  for (const end = Date.now() + PATIENCE_MS; !(await condition()); await sleep(20))
    if (Date.now() > end) throw new Error(`not within ${PATIENCE_MS / 1000} s: ${what}`);
}
