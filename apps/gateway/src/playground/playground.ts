import { access } from 'node:fs/promises';
import { join } from 'node:path';
import { Log } from '@darkroom/service-kit';
import fastifyStatic from '@fastify/static';
import { Injectable, type OnModuleInit } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import type { FastifyInstance } from 'fastify';
import { Config } from '../config.js';
import { KEPT_FOR_GOOD, PAGE_HEADERS } from './page-headers.js';

/** Serves the playground, a page like any other client, at the gateway's root. */
@Injectable()
export class Playground implements OnModuleInit {
  private readonly host: HttpAdapterHost;
  private readonly config: Config;
  private readonly log: Log;

  constructor(host: HttpAdapterHost, config: Config, log: Log) {
    this.host = host;
    this.config = config;
    this.log = log;
  }

  async onModuleInit(): Promise<void> {
    const root = this.config.playgroundDir;
    const isBuilt = await access(join(root, 'index.html')).then(
      () => true,
      () => false,
    );
    if (!isBuilt) {
      this.log.info('the playground is not served: it has not been built', { folder: root });
      return;
    }
    const http = this.host.httpAdapter.getInstance<FastifyInstance>();
    // Not awaited: that would start Fastify before Nest has given it its routes and error handler.
    void http.register(fastifyStatic, {
      root,
      // Each file gets a route of its own, so that what is none of them is not found in the API's own words.
      wildcard: false,
      setHeaders: (reply, path) => {
        reply.headers(PAGE_HEADERS);
        reply.header('cache-control', path.includes('/assets/') ? KEPT_FOR_GOOD : 'no-cache');
      },
    });
  }
}
