import { Log } from '@darkroom/service-kit';
import { servePage } from '@darkroom/service-kit/pages';
import { Injectable, type OnModuleInit } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import { Config } from '../config.js';

/** Paths that are no places in the dashboard: the API's, and those of files. */
const NO_PLACE = /^\/(?:admin|assets)(?:\/|$)|\.[^/]*$/;

/** Serves the dashboard at the control plane's root; it signs in like anybody else. */
@Injectable()
export class Dashboard implements OnModuleInit {
  private readonly host: HttpAdapterHost;
  private readonly config: Config;
  private readonly log: Log;

  constructor(host: HttpAdapterHost, config: Config, log: Log) {
    this.host = host;
    this.config = config;
    this.log = log;
  }

  async onModuleInit(): Promise<void> {
    const root = this.config.dashboardDir;
    const isPlace = (path: string) => !NO_PLACE.test(path);
    if (await servePage(this.host.httpAdapter.getInstance(), { root, isPlace })) return;
    this.log.info('the dashboard is not served: it has not been built', { folder: root });
  }
}
