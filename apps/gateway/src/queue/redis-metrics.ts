import { Metrics } from '@darkroom/service-kit';
import { Injectable } from '@nestjs/common';
import { RedisCommands } from './redis.provider.js';

/** The metrics of one scrape are of one answer. */
const freshMs = 500;

/** Tells at each scrape what Redis says of itself, since all that was accepted is in it; nothing while it is away. */
@Injectable()
export class RedisMetrics {
  private readonly commands: RedisCommands;
  private known: { readonly info: Promise<ReadonlyMap<string, string>>; readonly atMs: number } | undefined;

  constructor(commands: RedisCommands, metrics: Metrics) {
    this.commands = commands;
    const collect = (field: string) => async (gauge: ReturnType<Metrics['gauge']>) => {
      const value = await this.number(field);
      if (value === undefined) gauge.remove();
      else gauge.set(value);
    };
    metrics.gauge({
      name: 'darkroom_redis_memory_bytes',
      help: 'Memory that Redis uses for its data.',
      collect: collect('used_memory'),
    });
    metrics.gauge({
      name: 'darkroom_redis_memory_limit_bytes',
      help: 'Memory that Redis may use for its data; 0 for all there is.',
      collect: collect('maxmemory'),
    });
    metrics.counter({
      name: 'darkroom_redis_evicted_total',
      help: 'Keys that Redis dropped to make room: each may have been an accepted generation.',
      follow: () => this.number('evicted_keys'),
    });
    metrics.gauge({
      name: 'darkroom_redis_persistence_ready',
      help: 'Whether Redis wrote to its disk when it last tried to: 1 or 0.',
      collect: async (gauge) => {
        const info = await this.info();
        const states = ['aof_last_write_status', 'aof_last_bgrewrite_status', 'rdb_last_bgsave_status'].map((field) =>
          info.get(field),
        );
        if (info.size === 0) gauge.remove();
        else gauge.set(states.some((state) => state === 'err') ? 0 : 1);
      },
    });
  }

  private async number(field: string): Promise<number | undefined> {
    const text = (await this.info()).get(field);
    return text === undefined ? undefined : Number(text);
  }

  /** Fields of Redis' INFO by their names; none while it is away. */
  private async info(): Promise<ReadonlyMap<string, string>> {
    if (this.known === undefined || performance.now() - this.known.atMs > freshMs) {
      const info = this.commands.redis.info().then(fieldsOf, () => new Map<string, string>());
      this.known = { info, atMs: performance.now() };
    }
    return await this.known.info;
  }
}

function fieldsOf(info: string): ReadonlyMap<string, string> {
  return new Map([...info.matchAll(/^(\w+):(.*?)\r?$/gm)].map(([, field = '', value = '']) => [field, value]));
}
