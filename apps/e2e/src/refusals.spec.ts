import { OpenAI } from 'openai';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeImage, request } from './generation.js';
import { type CreatedKey, TestPlatform } from './platform.js';
import { until } from './processes.js';

interface ErrorAnswer {
  readonly error: {
    readonly message: string;
    readonly type: string;
    readonly param: string | null;
    readonly code: string | null;
  };
}

let platform: TestPlatform;

beforeAll(async () => {
  platform = await TestPlatform.start({ environment: { KEY_CACHE_SECONDS: '1' } });
});

afterAll(() => platform.dispose());

async function errorOf(response: Response): Promise<ErrorAnswer['error']> {
  const { error } = (await response.json()) as ErrorAnswer;
  expect(error).toMatchObject({ message: expect.any(String), type: expect.any(String) });
  expect(error).toHaveProperty('param');
  expect(error).toHaveProperty('code');
  return error;
}

/** Each bad parameter with what its message must tell: the range, or what would be right. */
const badParameters: readonly [string, object, string, RegExp][] = [
  ['an empty prompt', { prompt: '' }, 'prompt', /1|empty/i],
  ['no prompt', { prompt: undefined }, 'prompt', /prompt/i],
  ['a prompt of more than 32,768 tokens', { prompt: 'red apple '.repeat(20_000) }, 'prompt', /32,?768/],
  ['an unknown parameter', { sampler: 'dpm' }, 'sampler', /sampler/],
  ['an unknown model', { model: 'nosuch' }, 'model', /pocket/],
  ['a size that is no multiple of the granularity', { size: '100x64' }, 'size', /32/],
  ['a size above 1024x1024', { size: '1056x1024' }, 'size', /1024/],
  ['a size below the smallest', { size: '32x32' }, 'size', /64/],
  ['a size that is none', { size: 'large' }, 'size', /x/],
  ['n of 0', { n: 0 }, 'n', /1.*10/],
  ['n of 11', { n: 11 }, 'n', /1.*10/],
  ['steps of 0', { steps: 0 }, 'steps', /1.*100/],
  ['steps of 1,000', { steps: 1000 }, 'steps', /1.*100/],
  ['a negative guidance', { guidance_scale: -1 }, 'guidance_scale', /0.*20/],
  ['a seed that is no whole number', { seed: 1.5 }, 'seed', /4,?294,?967,?295|whole|integer/i],
  ['a seed above 32 bits', { seed: 2 ** 32 }, 'seed', /4,?294,?967,?295/],
  ['an unknown response format', { response_format: 'svg' }, 'response_format', /b64_json/],
  ['an unknown output format', { output_format: 'gif' }, 'output_format', /png/],
  ['a parameter of the wrong type', { steps: 'twenty' }, 'steps', /number|whole|integer/i],
];

describe('bad input', () => {
  it.each(badParameters)('%s is an error that names the parameter and what is allowed', async (_, differing, param, message) => {
    const response = await platform.post(request(differing));
    expect([400, 404]).toContain(response.status);
    const error = await errorOf(response);
    expect(error.param).toBe(param);
    expect(error.message).toMatch(message);
  });

  it('a body of 10 MB is too large', async () => {
    const response = await platform.post(request({ prompt: 'a'.repeat(10_000_000) }));
    expect(response.status).toBe(413);
    expect((await errorOf(response)).message).toMatch(/\d/);
  });

  it('broken JSON is told as such', async () => {
    const response = await platform.fetch('/v1/images/generations', { method: 'POST', body: '{"prompt": "a red' });
    expect(response.status).toBe(400);
    expect((await errorOf(response)).message).toMatch(/JSON/);
  });

  it('an unknown generation and an unknown route are not found', async () => {
    for (const route of ['/v1/generations/gen_0199', '/v1/nothing']) {
      const response = await platform.fetch(route);
      expect(response.status, route).toBe(404);
      await errorOf(response);
    }
  });

  it('reaches the official client as its own error types', async () => {
    await expect(platform.openai().images.generate({ prompt: '' })).rejects.toBeInstanceOf(OpenAI.BadRequestError);
    await expect(platform.openai({ apiKey: 'dk_wrong' }).images.generate({ prompt: 'a red apple' })).rejects.toBeInstanceOf(
      OpenAI.AuthenticationError,
    );
  });
});

describe('keys', () => {
  it.each(['/v1/images/generations', '/v1/models', '/v1/generations/gen_0199'])('%s needs one', async (route) => {
    const method = route.includes('images') ? 'POST' : 'GET';
    const body = method === 'POST' ? { body: JSON.stringify(request()) } : {};
    const response = await fetch(`${platform.url}${route}`, { method, headers: { 'content-type': 'application/json' }, ...body });
    expect(response.status).toBe(401);
    await errorOf(response);
  });

  it('that are wrong are refused', async () => {
    const response = await platform.post(request(), { authorization: 'Bearer dk_not-a-key' });
    expect(response.status).toBe(401);
  });

  it('work until they are revoked', async () => {
    const key = await platform.admin<CreatedKey>('POST', '/keys', { name: 'short-lived' });
    expect((await platform.openai({ apiKey: key.secret }).models.list()).data.length).toBeGreaterThan(0);
    await platform.admin('DELETE', `/keys/${key.id}`);
    // The gateway remembers a key for KEY_CACHE_SECONDS.
    const status = async () =>
      (await platform.fetch('/v1/models', { headers: { authorization: `Bearer ${key.secret}` } })).status;
    await until('the gateway has forgotten the key', async () => (await status()) === 401);
  });
});

describe('content policy', () => {
  it.each([
    ['prompt', { prompt: 'hardcore porn, naked people having sex' }],
    ['prompt', { prompt: 'h4rdc0re p0rn' }],
    ['negative_prompt', { negative_prompt: 'hardcore porn, naked people having sex' }],
  ])('refuses an unsafe %s with its category', async (param, differing) => {
    const response = await platform.post(request(differing));
    expect(response.status).toBe(400);
    const error = await errorOf(response);
    expect(error).toMatchObject({ code: 'content_policy_violation', param });
    expect(error.message).toMatch(/sexual/);
  });

  it.each(['a cocktail glass', 'a bunch of grapes', 'an assassin bug on a shell', 'a red circle left of a blue square'])(
    'lets %s pass',
    async (prompt) => {
      const { answer } = await makeImage(platform, { prompt });
      expect(answer.data).toHaveLength(1);
    },
  );
});

describe('the ledger', () => {
  it('charges what was made, and nothing that was refused', async () => {
    const before = (await platform.usage()).length;
    await platform.post(request({ steps: 0 }));
    await platform.post(request({ prompt: 'hardcore porn' }));
    await platform.post(request(), { authorization: 'Bearer dk_not-a-key' });
    const { answer } = await makeImage(platform);
    const after = await platform.usage();
    expect(after).toHaveLength(before + 1);
    expect(after.map((row) => row.generation_id)).toContain(answer.id);
  });
});
