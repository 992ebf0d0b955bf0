import { spawnSync } from 'node:child_process';
import path from 'node:path';
import type { GenerationBody } from '@darkroom/contracts/http';
import { type PostgresServer, startPostgresServer } from '@darkroom/testing';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ended, makeImage, request } from './generation.js';
import { TestPlatform } from './platform.js';
import { until } from './processes.js';

const root = path.resolve(import.meta.dirname, '../../..');

interface Entry {
  readonly id: string;
  readonly decision: {
    readonly policy_digest: string;
    readonly stage: string;
    readonly action: string;
    readonly category: string | null;
    readonly tenant: string;
  };
}

let server: PostgresServer;
let platform: TestPlatform;

beforeAll(async () => {
  // A server rather than the embedded database, which nobody else can open while the platform runs.
  server = await startPostgresServer();
  platform = await TestPlatform.start({ environment: { DATABASE_URL: server.url, KEY_CACHE_SECONDS: '1' } });
});

afterAll(async () => {
  await platform.dispose();
  await server.dispose();
});

const entries = async (filter: string) => (await platform.admin<{ data: Entry[] }>('GET', `/audit?${filter}`)).data;

/** Runs `npm run audit` beside the running platform. */
function audit(...args: string[]): { status: number | null; output: string } {
  const { status, stdout } = spawnSync(process.execPath, [path.join(root, 'tools/local/dist/audit.js'), ...args], {
    env: { ...process.env, DARKROOM_STATE_DIR: platform.stateDir, DARKROOM_PORT: String(platform.port) },
    encoding: 'utf8',
  });
  return { status, output: stdout };
}

describe('the audit log', () => {
  it('has what was decided of a refused prompt, which its error names', async () => {
    const response = await platform.post(request({ prompt: 'hardcore porn' }));
    const { error } = (await response.json()) as { error: { decision_id: string } };
    await until('the decision is in the log', async () => (await entries('action=block')).length === 1);
    const [entry] = await entries('action=block');
    expect(entry).toMatchObject({
      id: error.decision_id,
      decision: { stage: 'prompt', category: 'sexual', tenant: expect.stringMatching(/^ten_/) },
    });
  });

  it('has the appeal against it, and what a reviewer came to, which the tenant is told', async () => {
    const [entry] = await entries('action=block');
    const path = `/v1/decisions/${entry?.id}/appeal`;
    const asked = await platform.fetch(path, { method: 'POST', body: JSON.stringify({ text: 'it was about hard cores' }) });
    expect(asked.status).toBe(202);
    const open = await platform.admin<{ data: { decision_id: string; appeal: string }[] }>('GET', '/reviews?appealed=true');
    expect(open.data).toMatchObject([{ decision_id: entry?.id, appeal: 'it was about hard cores' }]);
    const resolution = { reviewer: 'ann', outcome: 'reject', reason: 'it was not' };
    await platform.admin('POST', `/reviews/${entry?.id}/resolve`, resolution);
    expect(await (await platform.fetch(path)).json()).toMatchObject({ status: 'rejected', reason: 'it was not' });
    const acts = await platform.admin<{ data: { review: { act: string } }[] }>('GET', '/audit?kind=review');
    expect(acts.data.map(({ review }) => review.act)).toEqual(['reject', 'appeal']);
  });

  it('has what was decided of an image and its prompts', async () => {
    const { answer } = await makeImage(platform, { negative_prompt: 'a blurred picture', n: 2 });
    const stages = async () =>
      (await entries(`generation_id=${answer.id}`)).map(({ decision }) => `${decision.stage} ${decision.action}`).toSorted();
    const all = ['negative_prompt allow', 'output_image allow', 'output_image allow', 'prompt allow'];
    await expect.poll(stages).toEqual(all);
  });

  it('tells by which policy its tenant was judged, and another is in force once it is switched to', {
    timeout: 60_000,
  }, async () => {
    const { document } = await platform.admin<{ document: { stages: { prompt: object } } }>('GET', '/policies/default');
    const policies = '/tenants/default/policies';
    const own = async (version: string, prompt: object) => {
      const stages = { ...document.stages, prompt: { ...document.stages.prompt, ...prompt } };
      const body = { author: 'ann', document: { ...document, version, stages } };
      return (await platform.admin<{ digest: string }>('POST', policies, body)).digest;
    };
    const [strict, loose, blurring] = await Promise.all([
      own('strict', { trademarks: { block: 1 } }),
      own('loose', { violence: {}, trademarks: {} }),
      own('blurring', { violence: { blur: 1 } }),
    ]);
    const gory = 'a zombie with entrails, film poster';
    /** What comes of the prompt: refused, blurred or delivered. */
    const outcome = async (prompt: string) => {
      const response = await platform.post(request({ prompt }));
      const { data, error } = (await response.json()) as { data?: { blurred?: boolean }[]; error?: { code: string } };
      return error?.code ?? (data?.[0]?.blurred ? 'blurred' : 'delivered');
    };
    const switchTo = (digest: string) => platform.admin('POST', `${policies}/${digest}/activate`, { author: 'ann' });
    // As soon as the gateway has forgotten what the tenant had before.
    const becomes = (prompt: string, what: string) => expect.poll(() => outcome(prompt)).toBe(what);
    const shoes = 'a pair of nike shoes';
    expect([await outcome(gory), await outcome(shoes)]).toEqual(['content_policy_violation', 'delivered']);
    await switchTo(strict);
    await becomes(shoes, 'content_policy_violation');
    await switchTo(blurring);
    await becomes(gory, 'blurred');
    await switchTo(loose);
    await becomes(gory, 'delivered');
    expect(await outcome('a naked child')).toBe('content_policy_violation');
    await switchTo('default');
    await becomes(gory, 'content_policy_violation');
    const judgedBy = async (policy: string) =>
      (await entries('limit=500')).flatMap(({ decision }) => (decision?.policy_digest === policy ? [decision.stage] : []));
    // A generation is judged by one policy, from its prompt to its picture.
    await expect.poll(() => judgedBy(loose)).toEqual(expect.arrayContaining(['prompt', 'output_image']));
    expect(await judgedBy(strict)).toContain('prompt');
  });

  it('misses nothing when Redis and the control plane are killed, and nothing unjudged passes', {
    timeout: 120_000,
  }, async () => {
    const accepted: string[] = [];
    for (let index = 0; index < 12; index += 1) {
      if (index === 4) await platform.kill('redis');
      if (index === 8) await platform.kill('control-plane');
      const body = request({ prompt: `a red apple, number ${index}`, seed: index });
      const response = await platform.post(body, { prefer: 'respond-async' });
      if (response.status === 202) accepted.push(((await response.json()) as GenerationBody).id);
      else expect(response.status).toBe(503);
    }
    expect(accepted.length).toBeGreaterThan(3);
    await platform.settled();
    for (const id of accepted) {
      expect((await ended(platform, id)).status).toBe('succeeded');
      await until(
        `the log has the prompt and the image of ${id}`,
        async () => (await entries(`generation_id=${id}`)).length >= 2,
      );
    }
    expect(await platform.admin('GET', '/audit/verify')).toMatchObject({ intact: true });
  });

  it('is verified by the command, which finds one flipped byte and where it is', async () => {
    expect(audit('verify')).toMatchObject({ status: 0, output: expect.stringContaining('is intact') });
    // Every decision comes out the same when it is made again.
    expect(audit('replay')).toMatchObject({
      status: 0,
      output: expect.stringMatching(/^\d+ decisions: \d+ the same, 0 different, 0 by/),
    });
    const client = new pg.Client({ connectionString: server.url });
    await client.connect();
    await client.query('alter table audit_log disable trigger all');
    await client.query('update audit_log set entry = set_byte(entry, 9, get_byte(entry, 9) # 1) where sequence = 2');
    await client.end();
    const { status, output } = audit('verify');
    expect(status).toBe(1);
    expect(output).toMatch(/was changed.*\n {2}entry 2: the entry or its hash was changed/);
  });
});
