/** What the policy does about pictures other than refusing them, and pictures that are refused before they are done. */
import { heldImageKey, noticeOf, Verdict } from '@darkroom/contracts';
import { startRedisServer, temporaryFolder } from '@darkroom/testing';
import { describe, expect, it } from 'vitest';
import { blobs, digestOf, failure, generate, neighbours, newJob, useDenoiser } from './denoiser.fixture.js';

useDenoiser({ startRedisServer, temporaryFolder });

const softened = Buffer.from('nothing can be made out');
const passing = (action: string) =>
  Verdict.fromPartial({ allowed: true, action, category: 'sexual', policyVersion: '1', decisionId: 'dec_1' });

describe('an image that the policy blurs', () => {
  it('is held, and something blurred is delivered in its place, both signed', async () => {
    const plain = await generate();
    neighbours.verdict = passing('blur');
    neighbours.blurred = softened;
    const result = await generate();
    const [image] = result.images;
    expect(image).toMatchObject({ held: true, notice: { stage: 'output_image', action: 'blur', category: 'sexual' } });
    const delivered = Buffer.from((await blobs.get(image?.blobKey ?? '')) ?? []);
    const held = Buffer.from((await blobs.get(heldImageKey(image?.blobKey ?? ''))) ?? []);
    expect(delivered.includes(softened)).toBe(true);
    // The fixture's signature is a few bytes at the end.
    const signed = neighbours.signed.slice(-2).map((request) => request.image);
    expect(signed.some((file) => file.equals(softened))).toBe(true);
    expect(signed.some((file) => held.subarray(0, file.length).equals(file) && held.length > file.length)).toBe(true);
    expect(held.includes(softened)).toBe(false);
    // What a replay is compared with is the image itself.
    expect(digestOf(result)).toBe(digestOf(plain));
  });

  it('may be one whose prompt asks for it: the moderator is told so', async () => {
    neighbours.blurred = softened;
    const notice = noticeOf(passing('blur'), 'prompt');
    const { images } = await generate({ notices: notice === undefined ? [] : [notice] });
    expect(neighbours.blurs.at(-1)).toBe(true);
    expect(images[0]).toMatchObject({ held: true, notice: undefined });
  });

  it('is not delivered where nothing came to deliver in its place', async () => {
    neighbours.verdict = passing('blur');
    expect(await failure(newJob())).toMatchObject({ code: 'internal' });
  });
});

describe('an image that the policy warns of', () => {
  it('is delivered, with the notice', async () => {
    neighbours.verdict = passing('warn');
    const { images } = await generate();
    expect(images[0]).toMatchObject({ held: false, notice: { action: 'warn', category: 'sexual', decisionId: 'dec_1' } });
  });
});

describe('an image whose picture is refused while it develops', () => {
  it('is stopped when it is half done, for what the picture was refused for', async () => {
    neighbours.refuse('sexual');
    const error = await failure(newJob({ steps: 100, partialImages: 3, width: 128, height: 128 }));
    expect(error).toMatchObject({ code: 'content_policy_violation', category: 'sexual', decisionId: 'dec_spec' });
    // Its pictures were decoded, and it was not.
    expect(neighbours.kept.length).toBeLessThanOrEqual(3);
    expect(neighbours.contexts.every((context) => context?.stage === 'partial_image')).toBe(true);
  }, 60_000);
});
