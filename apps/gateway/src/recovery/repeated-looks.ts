import { randomUUID } from 'node:crypto';
import { Lifecycle, Log } from '@darkroom/service-kit';
import { Injectable } from '@nestjs/common';
import { RedisCommands } from '../queue/redis.provider.js';

/** So often it is looked again. */
const INTERVAL_MS = 30_000;
/** Wait after a failure, of Redis or of the control plane. */
const RETRY_MS = 2_000;
/** A gateway that dies at it holds up the others for so long. */
const TURN_MS = 10_000;

/** What is younger may be on its way to where it is missed; it is looked at again when it is older. */
export const GRACE_MS = 5_000;

/** What is looked at again and again. */
export interface Look {
  /** Key of Redis that says whose turn it is. */
  readonly turn: string;
  /** What can't be done, for the log. */
  readonly purpose: string;
  /** Looks once, until the signal aborts; returns whether something was too young to be judged. */
  readonly look: (draining: AbortSignal) => Promise<boolean>;
}

/**
 * Compares the database with Redis: when the gateway starts, when Redis is back, and twice a minute; one gateway at a time, though two
 * would do no harm.
 */
@Injectable()
export class RepeatedLooks {
  private readonly commands: RedisCommands;
  private readonly lifecycle: Lifecycle;
  private readonly log: Log;
  private readonly name = randomUUID();

  constructor(commands: RedisCommands, lifecycle: Lifecycle, log: Log) {
    this.commands = commands;
    this.lifecycle = lifecycle;
    this.log = log;
  }

  /** Looks until the service drains; resolves when the last look is over. */
  async run(look: Look): Promise<void> {
    const { draining } = this.lifecycle;
    let wake = () => {};
    this.commands.redis.on('ready', () => wake());
    draining.addEventListener('abort', () => wake(), { once: true });
    // Not told at first: Redis is seldom connected by then, and its connection tells where it is away.
    for (let failed = true; !draining.aborted; ) {
      let waitMs = RETRY_MS;
      try {
        waitMs = await this.inTurn(look, draining);
        failed = false;
      } catch (error) {
        if (!failed && !draining.aborted) this.log.warn(`${look.purpose}; trying again`, { error });
        failed = true;
      }
      if (draining.aborted) return;
      const { promise, resolve } = Promise.withResolvers<void>();
      wake = resolve;
      const timer = setTimeout(resolve, waitMs);
      await promise;
      clearTimeout(timer);
    }
  }

  /** Looks once, when it is this gateway's turn, and returns after how long to look again. */
  private async inTurn({ turn, look }: Look, draining: AbortSignal): Promise<number> {
    const { redis } = this.commands;
    if ((await redis.set(turn, this.name, 'PX', TURN_MS, 'NX')) === null) return INTERVAL_MS;
    try {
      return (await look(draining)) ? GRACE_MS : INTERVAL_MS;
    } finally {
      if ((await redis.get(turn)) === this.name) await redis.del(turn);
    }
  }
}
