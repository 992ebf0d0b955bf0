import { DarkroomError } from '@darkroom/contracts';
import { requestHeader } from '@darkroom/contracts/admin';
import { Injectable } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { Config } from '../config.js';

/** Knows which requests come from the dashboard itself, and by which way. */
@Injectable()
export class Origin {
  /** Where operators reach the dashboard, when that is said. */
  private readonly dashboard: URL | undefined;

  constructor({ dashboardUrl }: Config) {
    this.dashboard = dashboardUrl === undefined ? undefined : new URL(dashboardUrl);
  }

  /**
   * Lets only a page of ours change something with a cookie, which browsers send along from wherever the request was made.
   *
   * @throws {DarkroomError} Thrown with `permission_denied` when another site could have made it.
   */
  assertOwn({ headers }: Pick<FastifyRequest, 'headers'>): void {
    const { origin = '', host } = headers;
    const isOurs = origin === this.dashboard?.origin || (URL.canParse(origin) && new URL(origin).host === host);
    if (isOurs && headers[requestHeader.name] === requestHeader.value) return;
    const message = `without "Authorization: Bearer <ADMIN_TOKEN>" a change needs the header "${requestHeader.name}: ${requestHeader.value}" and an Origin that is this address`;
    throw new DarkroomError({ code: 'permission_denied', message });
  }

  /** Tells whether the browser came by https, so that its cookies need never go another way. */
  isSecure({ protocol, headers }: Pick<FastifyRequest, 'protocol' | 'headers'>): boolean {
    return this.dashboard?.protocol === 'https:' || protocol === 'https' || headers['x-forwarded-proto'] === 'https';
  }
}
