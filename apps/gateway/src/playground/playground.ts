import { Log } from '@darkroom/service-kit';
import { servePage } from '@darkroom/service-kit/pages';
import { Injectable, type OnModuleInit } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import { Config } from '../config.js';

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
    if (await servePage(this.host.httpAdapter.getInstance(), { root })) return;
    this.log.info('the playground is not served: it has not been built', { folder: root });
  }
}
