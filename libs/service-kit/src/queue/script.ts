import { createHash } from 'node:crypto';
import type { Redis } from 'ioredis';

/** A Lua script for Redis, which is called by its digest: kilobytes need not be sent, and hashed there, for each call. */
export class Script {
  private readonly source: string;
  private readonly digest: string;

  constructor(source: string) {
    this.source = source;
    this.digest = createHash('sha1').update(source).digest('hex');
  }

  /**
   * Runs the script, which is sent whole when Redis doesn't know it: after it was started anew, or another has taken its place.
   *
   * @throws ioredis' error when the script fails, or Redis is away.
   */
  async run<Answer>(redis: Redis, keys: readonly string[], values: readonly (string | number)[]): Promise<Answer> {
    try {
      return (await redis.evalsha(this.digest, keys.length, ...keys, ...values)) as Answer;
    } catch (error) {
      if (!(error instanceof Error && error.message.startsWith('NOSCRIPT'))) throw error;
      return (await redis.eval(this.source, keys.length, ...keys, ...values)) as Answer;
    }
  }
}
