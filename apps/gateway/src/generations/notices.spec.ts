/** What the policy lets pass and has to say of, and images that wait for a reviewer. */
import { type GenerationJob, releasedImageKey } from '@darkroom/contracts';
import { imagesResponseBody } from '@darkroom/contracts/http';
import { startRedisServer, temporaryFolder } from '@darkroom/testing';
import { describe, expect, it, vi } from 'vitest';
import { blobs, drawn, generationOf, get, post, submitJob, useGateway, work } from '../gateway.fixture.js';

useGateway({ startRedisServer, temporaryFolder });

const answerOf = async (response: Response) => imagesResponseBody.parse(await response.json());

describe('a prompt that the policy warns of', () => {
  it('is drawn, and the answer says so', async () => {
    const jobs = work();
    const body = await answerOf(await post({ prompt: 'warn of it' }));
    const notice = { stage: 'prompt', action: 'warn', category: 'violence', decision_id: expect.stringMatching(/^dec_/) };
    expect(body.moderation_notices).toEqual([notice]);
    expect(body.data[0]).not.toHaveProperty('blurred');
    expect(jobs[0]?.notices).toHaveLength(1);
    expect((await generationOf(await get(`/v1/generations/${body.id}`))).moderation_notices).toEqual([notice]);
  });

  it('is the only one that does', async () => {
    work();
    expect(await answerOf(await post({ prompt: 'x' }))).not.toHaveProperty('moderation_notices');
  });
});

describe('images that are held', () => {
  it('are delivered blurred, until a reviewer lets them go', async () => {
    const jobs = work();
    const body = await answerOf(await post({ prompt: 'blur it', n: 2 }));
    expect(body.data.map(({ blurred }) => blurred)).toEqual([true, true]);
    expect(body.moderation_notices).toMatchObject([{ action: 'blur' }]);

    const job = jobs[0] as GenerationJob;
    const shown = async () => (await generationOf(await get(`/v1/generations/${job.id}`))).data ?? [];
    const [first] = await shown();
    expect(await (await fetch(first?.url ?? '')).text()).toBe(drawn(job, 0).toString());
    await blobs.put(releasedImageKey(`generations/${job.id}/0.png`), Buffer.from('the image itself'));
    const [released, waiting] = await shown();
    expect(await (await fetch(released?.url ?? '')).text()).toBe('the image itself');
    expect([released?.blurred, waiting?.blurred]).toEqual([undefined, true]);
  });

  it('are told as such in a stream, too', async () => {
    work();
    const text = await (await post({ prompt: 'blur it', stream: true })).text();
    expect(text).toContain('"blurred":true');
  });

  it('are no secret of those who wait for them as jobs', async () => {
    work();
    const { id } = await generationOf(await submitJob({ prompt: 'blur it' }));
    await vi.waitFor(
      async () => {
        const { status, data } = await generationOf(await get(`/v1/generations/${id}`));
        expect(status).toBe('succeeded');
        expect(data?.[0]?.blurred).toBe(true);
      },
      { timeout: 20_000 },
    );
  });
});
