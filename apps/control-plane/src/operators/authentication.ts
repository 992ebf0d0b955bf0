import { DarkroomError } from '@darkroom/contracts';
import { Injectable } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { AdminToken } from './admin-token.js';
import type { Operator } from './operator.js';
import { cookieOf } from './session-cookie.js';
import { Sessions } from './sessions.js';

/** Finds out who makes a request. */
@Injectable()
export class Authentication {
  private readonly token: AdminToken;
  private readonly sessions: Sessions;

  constructor(token: AdminToken, sessions: Sessions) {
    this.token = token;
    this.sessions = sessions;
  }

  /**
   * Returns who makes a request: who has the admin token, or whose session its cookie is of.
   *
   * @throws {DarkroomError} Thrown with `unauthenticated` when it is nobody.
   */
  async operatorOf(request: Pick<FastifyRequest, 'headers'>): Promise<Operator> {
    if (request.headers.authorization !== undefined) return this.token.operatorOf(request);
    const secret = cookieOf(request);
    const session = secret === undefined ? undefined : await this.sessions.find(secret);
    if (session !== undefined) return session;
    const message = 'sign in, or send "Authorization: Bearer <ADMIN_TOKEN>"';
    throw new DarkroomError({ code: 'unauthenticated', message });
  }
}
