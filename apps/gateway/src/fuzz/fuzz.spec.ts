import { startRedisServer, temporaryFolder } from '@darkroom/testing';
import fc, { type Arbitrary } from 'fast-check';
import sharp from 'sharp';
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { generationOf, submitJob, url, useGateway, work } from '../gateway.fixture.js';
import { Described, type Operation } from './described.fixture.js';
import { hostileText, mutationsOf, valuesOf } from './schema-values.fixture.js';
import { type FuzzedRequest, type Reply, send } from './send.fixture.js';

useGateway({ startRedisServer, temporaryFolder });

/** The same seed makes the same requests; `FUZZ_SEED=… FUZZ_RUNS=…` makes others, and more. */
const seed = Number(process.env.FUZZ_SEED ?? 20_261_124);
const runs = Number(process.env.FUZZ_RUNS ?? 60);

let described: Described;
let ids: string[];
beforeAll(async () => {
  described = new Described((await (await fetch(`${url}/openapi.json`)).json()) as object);
  ids = [];
  for (let index = 0; index < 3; index += 1) ids.push((await generationOf(await submitJob({ prompt: 'x' }))).id);
});
beforeEach(() => {
  work();
  work(undefined, 'second');
});

const check = async (property: fc.IAsyncPropertyWithHooks<never> | fc.IAsyncProperty<never>, numRuns = runs) =>
  await fc.assert(property as fc.IAsyncProperty<unknown>, { seed, numRuns, endOnFailure: true });

/** Sends a request, and expects a reply that the document describes. */
async function exchange(operation: Operation | undefined, request: FuzzedRequest): Promise<Reply> {
  const reply = await send(url, request);
  described.expectDescribed(operation, request, reply);
  return reply;
}

const withKey = { authorization: 'Bearer dk_alice' };
const asJson = { 'content-type': 'application/json' };

const operationsWhere = (fits: (operation: Operation) => boolean) => fc.constantFrom(...described.operations.filter(fits));
const anyOperation = () => operationsWhere(() => true);
const bodyOf = (operation: Operation): Arbitrary<unknown> =>
  operation.body === undefined ? fc.constant(undefined) : valuesOf(operation.body, described.resolve);

/** Parts of paths: ids of generations that there are, and whatever else. */
const anyPart = () =>
  fc.oneof(
    fc.constantFrom(...ids, 'pocket'),
    hostileText.map((text) => encodeURIComponent(text.toWellFormed()).slice(0, 2_000)),
  );

/** Writes an operation's path, with a part for each of its parameters. */
const targetOf = (operation: Operation, part: Arbitrary<string> = anyPart()): Arbitrary<string> =>
  fc.array(part, { minLength: 2, maxLength: 2 }).map(([first = '', second = '']) => {
    const parts = [first, second];
    return operation.path.replaceAll(/\{\w+\}/g, () => parts.shift() || '-');
  });

const requestOf = (
  operation: Operation,
  target: string,
  body?: unknown,
  headers: FuzzedRequest['headers'] = {},
): FuzzedRequest => ({
  method: operation.method,
  target,
  headers: { ...withKey, ...(body !== undefined && asJson), ...headers },
  body: body === undefined ? undefined : JSON.stringify(body),
});

describe('the gateway, asked whatever its document allows and forbids,', () => {
  it('answers what is allowed as described', async () => {
    const requests = anyOperation().chain((operation) =>
      fc.record({
        operation: fc.constant(operation),
        target: targetOf(operation),
        body: bodyOf(operation),
        query: fc.record(
          Object.fromEntries(
            (operation.parameters ?? [])
              .filter((parameter) => parameter.in === 'query')
              .map(({ name, schema }) => [name, valuesOf(schema, described.resolve)]),
          ),
          { requiredKeys: [] },
        ),
      }),
    );
    await check(
      fc.asyncProperty(requests, async ({ operation, target, body, query }) => {
        const written = new URLSearchParams(
          Object.entries(query).map(([name, value]): [string, string] => [name, String(value)]),
        );
        await exchange(operation, requestOf(operation, written.size > 0 ? `${target}?${written}` : target, body));
      }) as never,
      runs * 2,
    );
  });

  it('refuses what a schema forbids, by the name of the parameter, and nothing that it does not', async () => {
    const mutated = operationsWhere(({ body }) => body !== undefined).chain((operation) =>
      fc.record({
        operation: fc.constant(operation),
        target: targetOf(operation),
        mutation: mutationsOf(operation.body ?? {}, described.resolve),
      }),
    );
    await check(
      fc.asyncProperty(mutated, async ({ operation, target, mutation: { body, param } }) => {
        const reply = await exchange(operation, requestOf(operation, target, body));
        if (described.allows(operation.body ?? {}, body)) return;
        expect([400, 404], reply.text).toContain(reply.status);
        if (reply.status === 400 && param !== undefined) expect(JSON.parse(reply.text).error.param).toBe(param);
      }) as never,
      runs * 3,
    );
  });

  it('refuses bodies that are no JSON, of another type, or too large', async () => {
    const raw = fc.oneof(
      hostileText.map((text) => Buffer.from(text)),
      fc.uint8Array({ maxLength: 50 }).map((bytes) => Buffer.from(bytes)),
      fc.constantFrom(
        '{"prompt": ',
        '{"prompt": "x",}',
        '\ufeff{"prompt": "x"}',
        '{"prompt": "x", "prompt": "y"}',
        '{"__proto__": {"prompt": "x"}}',
        '{"prompt": "x", "constructor": {"prototype": {}}}',
        '{"prompt": "\\ud800"}',
        `${'['.repeat(20_000)}${']'.repeat(20_000)}`,
        `{"prompt": "${'x'.repeat(1_100_000)}"}`,
        '{"seed": 1e400, "prompt": "x"}',
        'NaN',
      ),
    );
    const types = fc.constantFrom(
      'application/json',
      'application/json; charset=utf-16',
      'application/x-www-form-urlencoded',
      'multipart/form-data',
      'multipart/form-data; boundary=x',
      'text/plain',
      'application/xml',
      '/',
      'a'.repeat(500),
      '',
    );
    const requests = anyOperation().chain((operation) => fc.tuple(fc.constant(operation), targetOf(operation), raw, types));
    await check(
      fc.asyncProperty(requests, async ([operation, target, body, type]) => {
        await exchange(operation, { method: operation.method, target, headers: { ...withKey, 'content-type': type }, body });
      }) as never,
      runs * 2,
    );
  });

  it('answers forms with any fields and files as described', async () => {
    const picture = await sharp({ create: { width: 64, height: 64, channels: 4, background: '#0f08' } })
      .png()
      .toBuffer();
    const file = fc.oneof(
      { weight: 3, arbitrary: fc.constant(picture) },
      fc.nat(picture.length - 1).map((length) => picture.subarray(0, length)),
      fc.tuple(fc.nat(picture.length - 1), fc.nat(255)).map(([at, value]) => Buffer.from(picture).fill(value, at, at + 1)),
      fc.uint8Array({ maxLength: 50 }).map((bytes) => Buffer.from(bytes)),
    );
    const requests = operationsWhere(({ form }) => form !== undefined).chain((operation) =>
      fc.record({
        operation: fc.constant(operation),
        fields: fc.oneof(
          valuesOf(operation.form ?? {}, described.resolve),
          mutationsOf(operation.form ?? {}, described.resolve).map(({ body }) => body),
        ),
        files: fc.record({ image: file, mask: file, other: file }, { requiredKeys: ['image'] }),
      }),
    );
    await check(
      fc.asyncProperty(requests, async ({ operation, fields, files }) => {
        const form = new FormData();
        for (const [name, value] of Object.entries(fields ?? {})) {
          if (!(name in files)) form.append(name, typeof value === 'string' ? value : JSON.stringify(value ?? ''));
        }
        for (const [name, bytes] of Object.entries(files)) form.append(name, new Blob([new Uint8Array(bytes)]), 'file');
        const written = new Response(form);
        await exchange(operation, {
          method: operation.method,
          target: operation.path,
          headers: { ...withKey, 'content-type': written.headers.get('content-type') ?? '' },
          body: Buffer.from(await written.arrayBuffer()),
        });
      }) as never,
      runs * 2,
    );
  });

  it('refuses headers that are none, and tells strangers nothing', async () => {
    const latin = fc.string({
      unit: fc.integer({ min: 0x20, max: 0xff }).map((code) => String.fromCharCode(code === 0x7f ? 0x80 : code)),
      maxLength: 300,
    });
    const value = fc.oneof(
      latin,
      fc.constantFrom('', ',', 'respond-async', 'respond-async; wait=5', '0-0', 'end', '1'.repeat(300)),
    );
    const headers = fc.dictionary(
      fc.constantFrom(
        'authorization',
        'api-key',
        'idempotency-key',
        'prefer',
        'last-event-id',
        'accept',
        'x-request-id',
        'traceparent',
        'host',
        'origin',
      ),
      value,
      { minKeys: 1, maxKeys: 3 },
    );
    const requests = anyOperation().chain((operation) =>
      fc.tuple(fc.constant(operation), targetOf(operation), bodyOf(operation), headers),
    );
    await check(
      fc.asyncProperty(requests, async ([operation, target, body, extra]) => {
        await exchange(operation, requestOf(operation, target, body, extra));
      }) as never,
      runs * 2,
    );
  });

  it('refuses paths, queries and methods that it does not have', async () => {
    const part = fc.oneof(
      fc.constantFrom(
        '%',
        '%zz',
        '%00',
        '%ff',
        '%2e%2e%2f',
        '..',
        '.',
        '%C0%AF',
        ':id',
        '*',
        '{id}',
        'a'.repeat(9_000),
        ';',
        '//',
      ),
      anyPart(),
    );
    const path = fc.oneof(
      fc.array(part, { minLength: 1, maxLength: 4 }).map((parts) => `/x${parts.join('/')}`),
      fc.array(part, { maxLength: 3 }).map((parts) => `/v1/${parts.join('/')}`),
      anyOperation().chain((operation) => targetOf(operation, part)),
    );
    const query = fc.oneof(
      fc.constant(''),
      fc.constantFrom(
        '?',
        '?=',
        '?a',
        '?%',
        '?limit=0',
        '?limit=1e9',
        '?limit=1&limit=2',
        '?__proto__=1',
        '?a[b]=c',
        '?after=%00',
      ),
      fc.tuple(hostileText, hostileText).map(([name, text]) => `?${new URLSearchParams([[name, text]])}`),
    );
    const method = fc.constantFrom('GET', 'POST', 'DELETE', 'PUT', 'PATCH', 'OPTIONS', 'QUERY');
    await check(
      fc.asyncProperty(method, path, query, async (asked, target, rest) => {
        const request = { method: asked, target: `${target}${rest}`, headers: withKey };
        const [only = ''] = target.split('?');
        const operation = described.operations.find(
          ({ method: own, path: template }) =>
            own === asked && new RegExp(`^${template.replaceAll(/\{\w+\}/g, '[^/]+')}$`).test(only),
        );
        await exchange(operation, request);
      }) as never,
      runs * 3,
    );
  });

  it('takes nothing from what it was asked: it works as before', async () => {
    const reply = await exchange(
      described.operations.find(({ operationId }) => operationId === 'generateImages'),
      { method: 'POST', target: '/v1/images/generations', headers: { ...withKey, ...asJson }, body: '{"prompt": "a red apple"}' },
    );
    expect(reply.status).toBe(200);
    expect(({} as Record<string, unknown>).prompt).toBeUndefined();
  });
});
