import { Injectable } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import type { Caller } from '../auth/caller.js';
import type { Level } from './limit-store.js';

/** How the buckets stand that an answer tells of; what is absent is left as it was told. */
export interface ToldLevels {
  readonly requests?: Level | undefined;
  readonly compute?: Level | undefined;
}

/** Tells clients how their limits stand, in the headers that OpenAI's clients know. */
@Injectable()
export class LimitHeaders {
  private readonly replies = new WeakMap<Caller, FastifyReply>();

  /** Remembers which answer a request's caller gets. */
  attach(caller: Caller, reply: FastifyReply): void {
    this.replies.set(caller, reply);
  }

  /** Writes levels into the headers of the caller's answer, unless it has begun. */
  tell(caller: Caller, levels: ToldLevels): void {
    const reply = this.replies.get(caller);
    if (reply === undefined || reply.sent) return;
    for (const [name, level] of Object.entries(levels) as [string, Level | undefined][]) {
      if (level === undefined) continue;
      void reply
        .header(`x-ratelimit-limit-${name}`, level.limit)
        .header(`x-ratelimit-remaining-${name}`, level.remaining)
        .header(`x-ratelimit-reset-${name}`, `${Math.ceil(level.secondsUntilFull * 1000) / 1000}s`);
    }
  }
}
