import type { z } from 'zod';
import type { ZodOpenApiOperationObject, ZodOpenApiResponsesObject } from 'zod-openapi';
import type { ErrorCode } from '../error/darkroom-error.js';
import { statusOf } from '../error/http.js';
import { errorResponseBody } from '../http/index.js';
import { authenticateHeaders, limitHeaders, retryHeaders } from './headers.js';

/** What a route answers with one status. */
export interface Answer {
  readonly description: string;
  /** The body by its media type; absent where there is none, a value absent where its bytes have no schema. */
  readonly content?: Readonly<Record<string, z.ZodType | undefined>>;
  readonly headers?: z.ZodObject;
}

/** One route of the gateway, as its document describes it; the schemas are those that the gateway parses with. */
export interface Route {
  readonly method: 'get' | 'post' | 'put' | 'patch' | 'delete';
  /** The path, with parameters in braces. */
  readonly path: `/${string}`;
  /** Name of the operation, which generated clients call it by. */
  readonly id: string;
  readonly tag: 'images' | 'generations' | 'models' | 'provenance' | 'files' | 'usage' | 'webhooks' | 'appeals';
  readonly summary: string;
  readonly description?: string;
  /** The scope that the key must have; absent where any key will do. */
  readonly scope?: string;
  /** How a caller proves who they are: by a bearer key unless said otherwise, which does where there is another header for it too. */
  readonly key?: 'bearer' | 'api-key' | 'none';
  readonly params?: z.ZodObject;
  readonly query?: z.ZodObject;
  readonly headers?: z.ZodObject;
  /** The request's body by its media type. */
  readonly body?: Readonly<Record<string, z.ZodType>>;
  readonly answers: Readonly<Record<`${number}`, Answer>>;
  /** Codes of the errors that it can answer with, besides those that every route can. */
  readonly errors?: readonly ErrorCode[];
}

/** Errors that every route can answer with. */
const everywhere: readonly ErrorCode[] = ['invalid_argument', 'internal', 'unavailable'];

/** Errors of every route that asks for a key. */
const withKey: readonly ErrorCode[] = ['unauthenticated', 'permission_denied', 'rate_limited'];

/** Errors of every route that can be sent a body. */
const withBody: readonly ErrorCode[] = ['payload_too_large'];

/** The security schemes of which one is enough. */
const waysIn: Readonly<Record<NonNullable<Route['key']>, readonly string[]>> = {
  bearer: ['bearer'],
  'api-key': ['api-key', 'bearer'],
  none: [],
};

/** Turns a route into an operation of the document, with every status that it can answer. */
export function toOperation(route: Route): ZodOpenApiOperationObject {
  const { id, tag, summary, description, scope, key = 'bearer', params, query, headers, body, answers, errors = [] } = route;
  const codes = [...everywhere, ...(key === 'none' ? [] : withKey), ...(route.method === 'get' ? [] : withBody), ...errors];
  return {
    operationId: id,
    tags: [tag],
    summary,
    ...(description !== undefined && { description }),
    security: waysIn[key].map((way) => ({ [way]: scope === undefined ? [] : [scope] })),
    requestParams: {
      ...(params && { path: params }),
      ...(query && { query }),
      ...(headers && { header: headers }),
    },
    ...(body && { requestBody: { required: true, content: contentOf(body) } }),
    responses: { ...successes(answers, key !== 'none'), ...failures(codes) },
  };
}

function successes(answers: Route['answers'], isLimited: boolean): ZodOpenApiResponsesObject {
  return Object.fromEntries(
    Object.entries(answers).map(([status, { description, content, headers }]) => {
      const all = isLimited ? limitHeaders.extend(headers?.shape ?? {}) : headers;
      return [status, { description, ...(content && { content: contentOf(content) }), ...(all && { headers: all }) }];
    }),
  );
}

function failures(codes: readonly ErrorCode[]): ZodOpenApiResponsesObject {
  const byStatus = Map.groupBy(new Set(codes), statusOf);
  return Object.fromEntries(
    [...byStatus].map(([status, ofStatus]) => [
      String(status),
      {
        description: ofStatus.map((code) => `\`${code}\``).join(', '),
        content: contentOf({ 'application/json': errorResponseBody }),
        ...(status === 429 && { headers: limitHeaders.extend(retryHeaders.shape) }),
        ...(status === 503 && { headers: retryHeaders }),
        ...(status === 401 && { headers: authenticateHeaders }),
      },
    ]),
  );
}

function contentOf(content: Readonly<Record<string, z.ZodType | undefined>>) {
  return Object.fromEntries(Object.entries(content).map(([type, schema]) => [type, schema === undefined ? {} : { schema }]));
}
