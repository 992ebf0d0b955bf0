import { createHash } from 'node:crypto';
import { DarkroomError } from '@darkroom/contracts';
import { idempotencyKeyHeader, parseHeader } from '@darkroom/contracts/http';
import { redisUnavailable } from '@darkroom/service-kit/queue';
import { Injectable } from '@nestjs/common';
import { NOTHING_STARTED, RedisCommands } from './redis.provider.js';

const RETENTION_SECONDS = 24 * 60 * 60;

/** Which generation, or other thing, an Idempotency-Key names. */
export interface Claim {
  readonly id: string;
  /** SHA-256 of the key and of the request, in base64url. */
  readonly key: string;
  readonly request: string;
}

/** Maps a tenant's Idempotency-Key to one generation, for a day. */
@Injectable()
export class Idempotency {
  private readonly commands: RedisCommands;

  constructor(commands: RedisCommands) {
    this.commands = commands;
  }

  /**
   * Claims a key for a generation, and returns who has it: the given one, or an earlier one.
   *
   * @throws {DarkroomError} Thrown with `conflict` when the earlier request was another one.
   */
  async claim(tenantId: string, key: string, request: unknown, id: string): Promise<Claim> {
    const claim = { id, key: digest(key), request: digest(JSON.stringify(request)) };
    const earlier = await this.commands.redis
      .set(nameOf(tenantId, claim), contentOf(claim), 'EX', RETENTION_SECONDS, 'NX', 'GET')
      .catch((error: unknown) => Promise.reject(redisUnavailable(error, NOTHING_STARTED)));
    if (earlier === null) return claim;
    const [earlierId = '', earlierRequest = ''] = earlier.split(' ');
    return assertSame({ ...claim, id: earlierId }, earlierRequest);
  }

  /**
   * Gives a key back to who had it before Redis forgot, and returns that claim.
   *
   * @throws {DarkroomError} Thrown with `conflict` when the earlier request was another one.
   */
  async giveBack(tenantId: string, claim: Claim, earlier: Pick<Claim, 'id' | 'request'>): Promise<Claim> {
    await this.restore(tenantId, { ...claim, ...earlier });
    return assertSame({ ...claim, id: earlier.id }, earlier.request);
  }

  /** Enters a claim again that Redis has forgotten. */
  async restore(tenantId: string, claim: Claim): Promise<void> {
    await this.commands.redis.set(nameOf(tenantId, claim), contentOf(claim), 'EX', RETENTION_SECONDS);
  }
}

function nameOf(tenantId: string, { key }: Claim): string {
  return `darkroom:idempotency:${tenantId}:${key}`;
}

function contentOf({ id, request }: Claim): string {
  return `${id} ${request}`;
}

function assertSame(claim: Claim, earlierRequest: string): Claim {
  if (claim.request === earlierRequest) return claim;
  throw new DarkroomError({
    code: 'conflict',
    message: 'this Idempotency-Key was used for another request; use a new key for a new request',
    param: 'Idempotency-Key',
  });
}

/**
 * Reads the header Idempotency-Key.
 *
 * @throws {DarkroomError} Thrown with `invalid_argument` when it isn't 1 to 255 printable characters.
 */
export function parseIdempotencyKey(header: string | string[] | undefined): string | undefined {
  return parseHeader('Idempotency-Key', idempotencyKeyHeader, header);
}

function digest(text: string): string {
  return createHash('sha256').update(text).digest('base64url');
}
