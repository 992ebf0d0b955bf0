/** What operators have made anew: asked for over the queue that gateways share, as the control plane does. */
import { DarkroomError, type GenerationJob, newGenerationId, toQueue, VerifyKeyResponse } from '@darkroom/contracts';
import { GenerationRetries } from '@darkroom/service-kit/queue';
import { startRedisServer, temporaryFolder } from '@darkroom/testing';
import { UnrecoverableError } from 'bullmq';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import {
  commands,
  gateway,
  generationOf,
  get,
  moderator,
  seen,
  startGateway,
  submitJob,
  url,
  useGateway,
  work,
} from './gateway.fixture.js';

useGateway({ startRedisServer, temporaryFolder });

let retries: GenerationRetries;
beforeAll(() => {
  retries = new GenerationRetries(commands);
});
afterAll(() => retries.close());

const ofAlice = (more: Partial<VerifyKeyResponse> = {}) =>
  VerifyKeyResponse.fromPartial({ tenantId: 'ten_alice', keyId: 'key_alice', scopes: ['generate'], ...more });
const retry = (generationId: string, idempotencyKey = generationId, caller = ofAlice()) =>
  retries.request({ generationId, idempotencyKey, caller }, AbortSignal.timeout(10_000));
const look = async (id: string) => await generationOf(await get(`/v1/generations/${id}`));
const ended = async (id: string, status: string) =>
  await vi.waitFor(async () => expect((await look(id)).status).toBe(status), { timeout: 20_000 });

/** Has a worker fail the first attempt at each prompt. */
function failingOnce(): GenerationJob[] {
  const prompts = new Set<string>();
  return work(({ prompt }) => {
    if (prompts.has(prompt)) return Promise.resolve();
    prompts.add(prompt);
    throw new UnrecoverableError(toQueue(new DarkroomError({ code: 'worker_lost', message: 'two workers ended' })));
  });
}

async function failed(body: object): Promise<string> {
  const { id } = await generationOf(await submitJob(body));
  await ended(id, 'failed');
  return id;
}

describe('a retry', () => {
  it('is a new generation of all that the failed one was asked for with, judged like any other', async () => {
    const jobs = failingOnce();
    const id = await failed({ prompt: 'a red apple', negative_prompt: 'blur', n: 2, steps: 3, seed: 5, user: 'someone' });
    const judged = seen.moderated.length;
    const anew = await retry(id);
    expect(anew).not.toBe(id);
    await ended(anew, 'succeeded');
    expect(seen.moderated.slice(judged)).toEqual(['a red apple', 'blur']);
    expect(seen.contexts.at(-1)).toMatchObject({ tenantId: 'ten_alice', keyId: 'key_alice', generationId: anew });
    const [first, second] = jobs as [GenerationJob, GenerationJob];
    const { id: _, createdAtMs, traceparent, ...rest } = second;
    expect(first).toMatchObject(rest);
  });

  it('is made once, however often it is asked for under one key', async () => {
    failingOnce();
    const id = await failed({ prompt: 'a pear' });
    const [first, ...others] = await Promise.all([retry(id, 'k'), retry(id, 'k'), retry(id, 'k')]);
    expect(new Set(others)).toEqual(new Set([first]));
    expect(await retry(id, 'another')).not.toBe(first);
  });

  it("is refused of what succeeded, what still runs, what is gone, and what is not the key's tenant's", async () => {
    failingOnce();
    const id = await failed({ prompt: 'a plum' });
    await expect(retry(id, 'k', ofAlice({ tenantId: 'ten_bob' }))).rejects.toMatchObject({ code: 'conflict' });
    const succeeded = await retry(id);
    await ended(succeeded, 'succeeded');
    await expect(retry(succeeded)).rejects.toMatchObject({ code: 'conflict', message: expect.stringContaining('is succeeded') });
    await expect(retry(newGenerationId())).rejects.toMatchObject({
      code: 'conflict',
      message: expect.stringContaining('24 hours'),
    });
  });

  it('is refused without a verdict, and of a model that the tenant may not use any more', async () => {
    failingOnce();
    const id = await failed({ prompt: 'a cherry' });
    await expect(
      retry(id, 'k', VerifyKeyResponse.fromPartial({ ...ofAlice(), tenant: { models: ['second'] } })),
    ).rejects.toMatchObject({ code: 'permission_denied' });
    moderator.stop();
    await expect(retry(id)).rejects.toMatchObject({ code: 'unavailable', message: expect.stringContaining('moderated') });
    await moderator.start();
    await vi.waitFor(async () => expect((await fetch(`${url}/readyz`)).status).toBe(200), { timeout: 20_000 });
  });

  it('is not begun later where no gateway was there to take it', async () => {
    failingOnce();
    const id = await failed({ prompt: 'a grape' });
    await gateway.stop();
    const asked = retries.request({ generationId: id, idempotencyKey: 'k', caller: ofAlice() }, AbortSignal.timeout(300));
    await expect(asked).rejects.toMatchObject({ code: 'unavailable', message: expect.stringContaining('nothing was started') });
    expect(await commands.llen('bull:generation-retries:wait')).toBe(0);
    await startGateway();
  });
});
