/** The remote classifiers against a server that speaks their languages over real HTTP. */
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import sharp from 'sharp';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { AzureContentSafety } from './azure-content-safety.js';
import { OpenAiModeration } from './openai-moderation.js';

interface Asked {
  readonly request: IncomingMessage;
  // biome-ignore lint/suspicious/noExplicitAny: what a client sends is what this looks at
  readonly body: any;
}

let server: Server;
let url: string;
const asked: Asked[] = [];
/** What the server answers; undefined for nothing at all. */
let reply: ((asked: Asked) => object | number | undefined) | undefined;

beforeEach(async () => {
  asked.length = 0;
  server = createServer((request, response) => {
    void text(request).then((body) => {
      const one = { request, body: JSON.parse(body) };
      asked.push(one);
      const answer = reply?.(one);
      if (typeof answer === 'number') response.writeHead(answer, { location: 'http://127.0.0.1:1/' }).end();
      else if (answer !== undefined) response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(answer));
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterEach(async () => {
  server.closeAllConnections();
  server.close();
});

const zeros = {
  ...{ sexual: 0, 'sexual/minors': 0, violence: 0, 'violence/graphic': 0, hate: 0, 'hate/threatening': 0, harassment: 0 },
  ...{ 'harassment/threatening': 0, illicit: 0, 'illicit/violent': 0, 'self-harm': 0, 'self-harm/intent': 0 },
  'self-harm/instructions': 0,
};
const openAiReply = (...scores: Partial<Record<keyof typeof zeros | 'new/one', number | null>>[]) => ({
  id: 'modr-1',
  model: 'omni-moderation-latest',
  results: scores.map((some) => ({ flagged: false, categories: {}, category_scores: { ...zeros, ...some } })),
});
const azureReply = (severities: Partial<Record<'Hate' | 'SelfHarm' | 'Sexual' | 'Violence', number>> = {}) => ({
  categoriesAnalysis: Object.entries({ Hate: 0, SelfHarm: 0, Sexual: 0, Violence: 0, ...severities }).map(
    ([category, severity]) => ({ category, severity }),
  ),
});

const openAi = (timeoutMs = 2_000) =>
  new OpenAiModeration({ baseUrl: `${url}/v1/`, apiKey: 'sk-1', model: 'omni-moderation-latest', timeoutMs });
const azure = (timeoutMs = 2_000) => new AzureContentSafety({ endpoint: `${url}/`, key: 'k-1', timeoutMs });
const found = (findings: readonly { category: string; severity: number }[]) =>
  Object.fromEntries(findings.filter(({ severity }) => severity > 0).map(({ category, severity }) => [category, severity]));
const picture = (width: number, height: number) =>
  sharp({ create: { width, height, channels: 3, background: '#28c' } })
    .png()
    .toBuffer();

describe('OpenAI’s moderation endpoint', () => {
  it('is asked as it is documented, and its categories become ours', async () => {
    reply = () => openAiReply({ 'sexual/minors': 0.31, 'violence/graphic': 0.95, violence: 0.2, harassment: 0.6, hate: 0.1 });
    const { findings } = await openAi().classify('a prompt');
    expect(asked[0]?.request).toMatchObject({ method: 'POST', url: '/v1/moderations' });
    expect(asked[0]?.request.headers.authorization).toBe('Bearer sk-1');
    expect(asked[0]?.body).toEqual({ model: 'omni-moderation-latest', input: ['a prompt'] });
    expect(found(findings)).toEqual({ child_safety: 1, violence: 3, hate: 2 });
    expect(findings.find(({ category }) => category === 'violence')?.reason).toBe('violence.openai_violence_graphic');
  });

  it('judges long prompts whole, and pictures', async () => {
    reply = ({ body }) =>
      openAiReply(...body.input.map((input: unknown) => (String(input).includes('end') ? { sexual: 1 } : {})));
    expect(found((await openAi().classify(`${'x '.repeat(30_000)}the end`)).findings)).toEqual({ sexual: 3 });
    expect(asked[0]?.body.input.length).toBe(4);
    reply = () => openAiReply({ sexual: 0.9, hate: null, 'new/one': 1 });
    expect(found((await openAi().classify(new Uint8Array(await picture(64, 64)))).findings)).toEqual({ sexual: 3 });
    expect(asked[1]?.body.input[0]).toMatchObject({ type: 'image_url' });
    expect(asked[1]?.body.input[0].image_url.url).toMatch(/^data:image\/png;base64,iVBOR/);
  });
});

describe('Azure AI Content Safety', () => {
  it('is asked as it is documented, and its severities become ours', async () => {
    reply = () => azureReply({ Sexual: 6, Violence: 2, Hate: 4 });
    const { findings } = await azure().classify('a prompt');
    expect(asked[0]?.request.url).toBe('/contentsafety/text:analyze?api-version=2024-09-01');
    expect(asked[0]?.request.headers['ocp-apim-subscription-key']).toBe('k-1');
    expect(asked[0]?.body).toMatchObject({ text: 'a prompt', outputType: 'FourSeverityLevels' });
    expect(found(findings)).toEqual({ sexual: 3, violence: 1, hate: 2 });
  });

  it('judges long prompts whole, by sections, and takes the gravest', async () => {
    reply = ({ body }) => azureReply(body.text.includes('end') ? { SelfHarm: 4 } : {});
    expect(found((await azure().classify(`${'x '.repeat(12_000)}the end`)).findings)).toEqual({ self_harm: 2 });
    expect(asked.every(({ body }) => body.text.length <= 10_000)).toBe(true);
  });

  it('is sent pictures of a size that it takes', async () => {
    reply = () => azureReply({ Violence: 6 });
    for (const [width, height] of [
      [3000, 300],
      [32, 32],
      [256, 256],
    ] as const) {
      expect(found((await azure().classify(new Uint8Array(await picture(width, height)))).findings)).toEqual({ violence: 3 });
      const sent = await sharp(Buffer.from(asked.at(-1)?.body.image.content, 'base64')).metadata();
      for (const side of [sent.width, sent.height]) {
        expect(side).toBeGreaterThanOrEqual(50);
        expect(side).toBeLessThanOrEqual(2048);
      }
    }
    expect(asked[0]?.request.url).toBe('/contentsafety/image:analyze?api-version=2024-09-01');
  });
});

describe.each([
  ['OpenAI’s', openAi],
  ['Azure’s', azure],
])('no whole answer of %s', (_name, make) => {
  it.each([
    ['none in time', () => undefined],
    ['an error', () => 500],
    ['a refusal of the key', () => 401],
    ['a limit', () => 429],
    ['a redirect', () => 302],
    ['another shape', () => ({ results: [], categoriesAnalysis: [] })],
    [
      'too little',
      () => ({
        ...{ model: 'x', results: [{ category_scores: { hate: 0 } }] },
        categoriesAnalysis: [{ category: 'Hate', severity: 0 }],
      }),
    ],
    ['numbers out of range', () => ({ ...openAiReply({ violence: 1.5 }), ...azureReply({ Violence: 9 }) })],
  ])('is never taken for "nothing found": %s', async (_what, answer) => {
    reply = answer;
    await expect(make(300).classify('a secret prompt')).rejects.toMatchObject({
      code: 'unavailable',
      message: expect.not.stringContaining('secret'),
    });
  });

  it('is never taken for "nothing found": nobody there', async () => {
    const classifier = make();
    server.close();
    server.closeAllConnections();
    await once(server, 'close');
    await expect(classifier.classify('x')).rejects.toMatchObject({ code: 'unavailable' });
  });
});
