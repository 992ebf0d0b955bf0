import { createHash, timingSafeEqual } from 'node:crypto';
import { DarkroomError } from '@darkroom/contracts';
import { Injectable } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { Config } from '../config.js';
import type { Operator } from './operator.js';

const adminToken: Operator = { name: 'admin token', role: 'admin', via: 'token' };

/** Knows the one who has the admin token. */
@Injectable()
export class AdminToken {
  private readonly wanted: Buffer;

  constructor(config: Config) {
    this.wanted = digest(`Bearer ${config.adminToken}`);
  }

  /**
   * Returns who sent a request.
   *
   * @throws {DarkroomError} Thrown with `unauthenticated` when the request has not the admin token.
   */
  operatorOf({ headers: { authorization } }: Pick<FastifyRequest, 'headers'>): Operator {
    // Digests have one length, so the comparison takes the same time whatever was sent.
    if (timingSafeEqual(digest(authorization ?? ''), this.wanted)) return adminToken;
    throw new DarkroomError({ code: 'unauthenticated', message: 'the admin token is wrong' });
  }
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
