import { newDecisionId, newGenerationId } from '@darkroom/contracts';
import { appealViewBody } from '@darkroom/contracts/http';
import * as testing from '@darkroom/testing';
import { describe, expect, it } from 'vitest';
import { controlPlane, errorOf, url, useGateway } from '../gateway.fixture.js';
import { DECISIONS, REVIEWS } from './review-service.fixture.js';

useGateway(testing);

const [decision, generation] = [newDecisionId(), newGenerationId()];
DECISIONS.set(decision, { tenantId: 'ten_alice', generationId: generation });

const send = (path: string, body?: object, key = 'dk_alice') =>
  fetch(url + path, {
    method: body === undefined ? 'GET' : 'POST',
    headers: { authorization: `Bearer ${key}`, ...(body && { 'content-type': 'application/json' }) },
    ...(body && { body: JSON.stringify(body) }),
  });

describe('an appeal', () => {
  it('is not there before it is entered', async () => {
    expect((await send(`/v1/decisions/${decision}/appeal`)).status).toBe(404);
  });

  it.each([`/v1/decisions/${decision}/appeal`, `/v1/generations/${generation}/appeal`])('is entered at %s', async (path) => {
    const response = await send(path, { text: ' it was a cocktail ' });
    expect(response.status).toBe(202);
    const appeal = {
      object: 'appeal',
      decision_id: decision,
      generation_id: generation,
      created: 1,
      status: 'open',
      reason: null,
    };
    expect(appealViewBody.parse(await response.json())).toEqual(appeal);
    expect(await (await send(`/v1/decisions/${decision}/appeal`)).json()).toEqual(appeal);
  });

  it('tells what a reviewer came to', async () => {
    const review = { decisionId: decision, generationId: '', status: 'approved', appealedAtMs: 0, reason: 'a cocktail indeed' };
    REVIEWS.set(decision, review);
    expect(await (await send(`/v1/decisions/${decision}/appeal`)).json()).toMatchObject({
      status: 'approved',
      reason: 'a cocktail indeed',
      generation_id: null,
      created: null,
    });
  });

  it("is not entered against another tenant's decision, or against none", async () => {
    for (const path of [`/v1/decisions/${decision}/appeal`, `/v1/generations/${generation}/appeal`]) {
      expect((await send(path, { text: 'x' }, 'dk_bob')).status).toBe(404);
    }
    expect((await send(`/v1/decisions/${decision}/appeal`, undefined, 'dk_bob')).status).toBe(404);
    for (const id of ['dec_1', newDecisionId(), '%00']) {
      expect((await send(`/v1/decisions/${id}/appeal`, { text: 'x' })).status).toBe(404);
      expect((await send(`/v1/decisions/${id}/appeal`)).status).toBe(404);
    }
  });

  it('is entered once', async () => {
    const response = await send(`/v1/decisions/${decision}/appeal`, { text: 'again, in other words' });
    expect(response.status).toBe(409);
    expect(await errorOf(response)).toMatchObject({ code: 'conflict' });
  });

  it.each([{}, { text: ' ' }, { text: 5 }, { text: 'x'.repeat(4_001) }, { text: 'x', why: 'y' }])(
    'needs a text: %j',
    async (body) => {
      const response = await send(`/v1/decisions/${decision}/appeal`, body);
      expect(response.status).toBe(400);
      expect(await errorOf(response)).toMatchObject({ code: 'invalid_argument', param: 'why' in body ? 'why' : 'text' });
    },
  );

  it('is told to be tried again later while the control plane is away', async () => {
    expect((await send(`/v1/decisions/${decision}/appeal`, { text: 'x' })).status).toBe(202);
    controlPlane.stop();
    const response = await send(`/v1/decisions/${decision}/appeal`, { text: 'x' });
    expect(response.status).toBe(503);
    expect(response.headers.get('retry-after')).not.toBeNull();
    await controlPlane.start();
  });
});
