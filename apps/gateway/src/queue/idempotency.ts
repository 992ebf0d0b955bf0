import { createHash } from 'node:crypto';
import { DarkroomError } from '@darkroom/contracts';
import { idempotencyKeyHeader, parseHeader } from '@darkroom/contracts/http';
import { redisUnavailable } from '@darkroom/service-kit/queue';
import { Injectable } from '@nestjs/common';
import { NOTHING_STARTED, RedisCommands } from './redis.provider.js';

const RETENTION_SECONDS = 24 * 60 * 60;

/** Maps a tenant's Idempotency-Key to one generation, for a day. */
@Injectable()
export class Idempotency {
  private readonly commands: RedisCommands;

  constructor(commands: RedisCommands) {
    this.commands = commands;
  }

  /**
   * Claims a key for a generation, and returns the id of the generation that has it: the given one, or an earlier one's.
   *
   * @throws {DarkroomError} Thrown with `conflict` when the earlier request was another one.
   */
  async claim(tenantId: string, key: string, request: unknown, generationId: string): Promise<string> {
    const name = `darkroom:idempotency:${tenantId}:${digest(key)}`;
    const claim = `${generationId} ${digest(JSON.stringify(request))}`;
    const earlier = await this.commands.redis
      .set(name, claim, 'EX', RETENTION_SECONDS, 'NX', 'GET')
      .catch((error: unknown) => Promise.reject(redisUnavailable(error, NOTHING_STARTED)));
    if (earlier === null) return generationId;
    const [earlierId = '', earlierRequest] = earlier.split(' ');
    if (earlierRequest !== claim.split(' ')[1]) {
      throw new DarkroomError({
        code: 'conflict',
        message: 'this Idempotency-Key was used for another request; use a new key for a new request',
        param: 'Idempotency-Key',
      });
    }
    return earlierId;
  }
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
