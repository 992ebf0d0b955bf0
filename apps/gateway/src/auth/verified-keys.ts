import { createHash } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { Config } from '../config.js';
import { Neighbours } from '../neighbours/neighbours.js';
import { notTheirFault } from '../neighbours/not-their-fault.js';
import { type Caller, readCaller } from './caller.js';

/** Most keys that are remembered at a time; beyond that, those asked for longest ago are asked for again. */
const MOST_KEPT = 10_000;

interface KeptKey {
  readonly caller: Promise<Caller>;
  /** Unix milliseconds. */
  until: number;
}

/** Resolves secrets to callers, and remembers them for some seconds: so long a revoked key may still be let in. */
@Injectable()
export class VerifiedKeys {
  private readonly neighbours: Neighbours;
  private readonly config: Config;
  private readonly kept = new Map<string, KeptKey>();

  constructor(config: Config, neighbours: Neighbours) {
    this.neighbours = neighbours;
    this.config = config;
  }

  /**
   * Returns whose key a secret is.
   *
   * @throws {DarkroomError} Thrown with `unauthenticated` when it is nobody's, or nobody's any more, and with `unavailable` when
   *   nobody can tell. Neither is remembered.
   */
  async verify(secret: string): Promise<Caller> {
    // The secret itself is kept no longer than its request.
    const digest = createHash('sha256').update(secret).digest('base64');
    const kept = this.kept.get(digest);
    if (kept !== undefined && kept.until > Date.now()) return await kept.caller;
    // Requests that come while the control plane is asked wait for the same answer.
    const asked: KeptKey = {
      caller: this.ask(secret, (expiresAtMs) => {
        asked.until = Math.min(asked.until, expiresAtMs);
      }),
      until: Date.now() + this.config.keyCacheSeconds * 1000,
    };
    this.keep(digest, asked);
    return await asked.caller.catch((error: unknown) => {
      if (this.kept.get(digest) === asked) this.kept.delete(digest);
      throw error;
    });
  }

  private keep(digest: string, key: KeptKey): void {
    this.kept.delete(digest);
    const [oldest] = this.kept.keys();
    if (oldest !== undefined && this.kept.size >= MOST_KEPT) this.kept.delete(oldest);
    this.kept.set(digest, key);
  }

  private async ask(secret: string, expires: (atMs: number) => void): Promise<Caller> {
    const askedAtMs = Date.now();
    try {
      const key = await this.neighbours.controlPlane.verifyKey({ secret });
      if (key.expiresAtMs > 0) expires(key.expiresAtMs);
      return readCaller(key, this.config, askedAtMs);
    } catch (error) {
      throw notTheirFault(
        error,
        ['unauthenticated', 'permission_denied', 'rate_limited'],
        'API keys can not be checked at the moment',
      );
    }
  }
}
