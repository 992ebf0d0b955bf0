import { DarkroomError } from '@darkroom/contracts';
import { Injectable, type OnModuleInit } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { LimitHeaders } from '../limits/limit-headers.js';
import { Limits } from '../limits/limits.js';
import { type Caller, setCaller } from './caller.js';
import { assertScope } from './route-scopes.js';
import { VerifiedKeys } from './verified-keys.js';

/** Everything under /v1 and /mai needs a key but the files, whose addresses are signed. */
const GUARDED = /^\/(?:v1\/(?!files\/)|mai\/)/;

/** Routes of Azure's shape, whose clients send their key in a header of its own. */
const AZURE = /^\/mai\//;

/** Routes that check their query themselves. */
const QUERIED: ReadonlySet<string> = new Set([
  '/v1/generations',
  '/v1/usage',
  '/v1/webhooks/:id/deliveries',
  '/mai/v1/images/generations',
]);

/**
 * Checks each request's API key, what the key may do, and how often, before its body is read: so a stranger's request costs next to
 * nothing.
 */
@Injectable()
export class ApiKeyHook implements OnModuleInit {
  private readonly host: HttpAdapterHost;
  private readonly keys: VerifiedKeys;
  private readonly limits: Limits;
  private readonly headers: LimitHeaders;

  constructor(host: HttpAdapterHost, keys: VerifiedKeys, limits: Limits, headers: LimitHeaders) {
    this.host = host;
    this.keys = keys;
    this.limits = limits;
    this.headers = headers;
  }

  onModuleInit(): void {
    const http = this.host.httpAdapter.getInstance<FastifyInstance>();
    http.addHook('onRequest', async (request, reply) => {
      // The route that was matched, not the address as it was written: there are many ways to write one.
      const route = request.routeOptions.url ?? '';
      if (!GUARDED.test(route)) return;
      const caller = await this.authenticate(request, AZURE.test(route));
      setCaller(request, caller);
      assertScope(caller.scopes, request.method, route);
      this.headers.attach(caller, reply);
      await this.limits.countRequest(caller);
      if (!QUERIED.has(route)) refuseQuery(request);
    });
  }

  private async authenticate({ headers }: FastifyRequest, isAzure: boolean): Promise<Caller> {
    const apiKey = isAzure ? headers['api-key'] : undefined;
    const secret =
      apiKey === undefined ? /^Bearer +(\S+)$/i.exec(headers.authorization ?? '')?.[1] : /^\S+$/.exec(String(apiKey))?.[0];
    if (secret === undefined) {
      const own = isAzure ? '"api-key: <key>" or ' : '';
      throw new DarkroomError({
        code: 'unauthenticated',
        message: `an API key is needed, in the header ${own}"Authorization: Bearer <key>"`,
      });
    }
    // One of this request's own, though requests share what is remembered of a key.
    return { ...(await this.keys.verify(secret)) };
  }
}

/** All other guarded routes take no query, and nothing is silently ignored. */
function refuseQuery(request: FastifyRequest): void {
  const [param] = Object.keys(request.query ?? {});
  if (param !== undefined) {
    throw new DarkroomError({
      code: 'invalid_argument',
      message: `the query parameter \`${param.slice(0, 64)}\` is not supported`,
      param: param.slice(0, 64),
    });
  }
}
