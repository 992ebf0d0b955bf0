import { redisUnavailable, type Script } from '@darkroom/service-kit/queue';
import { Injectable } from '@nestjs/common';
import type { MonthlyUsage } from '../auth/caller.js';
import { ModelQueues } from '../queue/model-queues.js';
import { RedisCommands } from '../queue/redis.provider.js';
import { beginScript, giveBackScript, lookScript, takeScript } from './limit-scripts.js';

const MINUTE_MS = 60_000;

/** So much of one bucket is asked for; 0 only looks, less gives back. */
export interface Portion {
  /** The bucket's name. */
  readonly of: string;
  /** What the bucket holds when it is full, and what a minute refills. */
  readonly limit: number;
  readonly amount: number;
}

/** How a bucket stands. */
export interface Level {
  readonly limit: number;
  readonly remaining: number;
  readonly secondsUntilFull: number;
}

/** A generation that a tenant wants to begin, and the limits that it has to fit in; 0 for none. */
export interface Beginning {
  readonly id: string;
  readonly tenantId: string;
  readonly model: string;
  /** Its price. */
  readonly computeUnits: number;
  /** Unix milliseconds; 0 for never. */
  readonly deadlineAtMs: number;
  readonly computeUnitsPerMinute: number;
  readonly concurrentGenerations: number;
  readonly computeUnitsPerMonth: number;
}

/** What became of a generation that a tenant wanted to begin; `known` was begun before, and `ask` is to ask the ledger first. */
export type Verdict = 'begun' | 'known' | 'concurrent' | 'month' | 'compute' | 'ask';

/** Keeps in Redis how much of their limits tenants have used, for all gateways together; each question is answered atomically. */
@Injectable()
export class LimitStore {
  private readonly commands: RedisCommands;
  private readonly queues: ModelQueues;

  constructor(commands: RedisCommands, queues: ModelQueues) {
    this.commands = commands;
    this.queues = queues;
  }

  /**
   * Takes all the portions, or none when a bucket has not enough.
   *
   * @returns the place of that bucket among them, and how long until it has.
   * @throws {DarkroomError} Thrown with `unavailable` while Redis is away, as are the other methods' errors.
   */
  async take(portions: readonly Portion[]): Promise<{ short: number | undefined; waitSeconds: number; levels: Level[] }> {
    const keys = portions.map(({ of }) => bucketKey(of));
    const costs = portions.map(({ amount, limit }) => milliseconds(amount, limit));
    const [short, waitMs, ...missing] = await this.run<[number, string, ...string[]]>(takeScript, keys, costs);
    return {
      short: short === 0 ? undefined : short - 1,
      waitSeconds: Number(waitMs) / 1000,
      levels: portions.map(({ limit }, i) => levelOf(limit, missing[i])),
    };
  }

  /**
   * Begins a generation, or tells which limit it would exceed; nothing has changed then.
   *
   * @param isJustAsked whether the ledger was asked for this generation; the verdict is not `ask` then.
   */
  async begin(
    beginning: Beginning,
    { computeUnits, asOfMs }: MonthlyUsage,
    isJustAsked: boolean,
  ): Promise<{ verdict: Verdict; waitSeconds: number; level: Level }> {
    const { id, tenantId, model, computeUnits: price, deadlineAtMs, computeUnitsPerMinute } = beginning;
    const [verdict, waitMs, missing] = await this.run<[Verdict, string, string]>(beginScript, begunKeys(tenantId), [
      id,
      price,
      computeUnitsPerMinute === 0 ? 0 : milliseconds(price, computeUnitsPerMinute),
      beginning.concurrentGenerations,
      beginning.computeUnitsPerMonth,
      monthOf(asOfMs),
      computeUnits,
      asOfMs,
      this.queues.of(model).toKey(''),
      deadlineAtMs,
      isJustAsked ? 1 : 0,
    ]);
    return { verdict, waitSeconds: Number(waitMs) / 1000, level: levelOf(computeUnitsPerMinute, missing) };
  }

  /** Forgets a generation that never came into the queue, and gives back its compute. */
  async giveBack({ id, tenantId, computeUnits, computeUnitsPerMinute }: Beginning): Promise<Level> {
    const cost = computeUnitsPerMinute === 0 ? 0 : milliseconds(computeUnits, computeUnitsPerMinute);
    return levelOf(computeUnitsPerMinute, await this.run<string>(giveBackScript, begunKeys(tenantId), [id, cost]));
  }

  /** Tells how many generations of a tenant go on, what it has used and begun this month, and how its bucket of compute stands. */
  async look(
    tenantId: string,
    { computeUnits, asOfMs }: MonthlyUsage,
    computeUnitsPerMinute: number,
  ): Promise<{ running: number; computeUnitsThisMonth: number; level: Level }> {
    const [running, units, missing] = await this.run<[number, string, string]>(lookScript, begunKeys(tenantId), [
      monthOf(asOfMs),
      computeUnits,
      asOfMs,
    ]);
    return { running, computeUnitsThisMonth: Number(units), level: levelOf(computeUnitsPerMinute, missing) };
  }

  private async run<Answer>(script: Script, keys: readonly string[], values: readonly (string | number)[]): Promise<Answer> {
    try {
      return await script.run<Answer>(this.commands.redis, keys, values);
    } catch (error) {
      throw redisUnavailable(error, 'limits can not be checked at the moment; nothing was started');
    }
  }
}

/** Names a tenant's bucket of compute, which `take` may look at. */
export function computeBucket(tenantId: string): string {
  return `compute:${tenantId}`;
}

/** Names a month of UTC, like "2026-11". */
export function monthOf(atMs: number): string {
  return new Date(atMs).toISOString().slice(0, 7);
}

function begunKeys(tenantId: string): [string, string, string] {
  const own = `darkroom:limits:begun:${tenantId}`;
  return [bucketKey(computeBucket(tenantId)), own, `${own}:month`];
}

function bucketKey(name: string): string {
  return `darkroom:limits:bucket:${name}`;
}

function milliseconds(amount: number, limit: number): number {
  return (amount / limit) * MINUTE_MS;
}

function levelOf(limit: number, missingMs = '0'): Level {
  const missing = Number(missingMs);
  // What one large image took beyond a full bucket is owed, and no more than nothing is left.
  const remaining = Math.max(0, Math.floor(limit * (1 - missing / MINUTE_MS) + 1e-6));
  return { limit, remaining, secondsUntilFull: missing / 1000 };
}
