import { createHash, timingSafeEqual } from 'node:crypto';
import { DarkroomError } from '@darkroom/contracts';
import { type CanActivate, type ExecutionContext, Injectable } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { Config } from '../config.js';

/** Lets only requests with the admin token through. */
@Injectable()
export class AdminGuard implements CanActivate {
  private readonly wanted: Buffer;

  constructor(config: Config) {
    this.wanted = digest(`Bearer ${config.adminToken}`);
  }

  canActivate(context: ExecutionContext): boolean {
    const { authorization } = context.switchToHttp().getRequest<FastifyRequest>().headers;
    // Digests have one length, so the comparison takes the same time whatever was sent.
    if (timingSafeEqual(digest(authorization ?? ''), this.wanted)) return true;
    throw new DarkroomError({ code: 'unauthenticated', message: 'the admin API needs "Authorization: Bearer <ADMIN_TOKEN>"' });
  }
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
