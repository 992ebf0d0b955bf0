import { Forecast } from '@darkroom/queue-policy';
import { readWorkers } from '@darkroom/service-kit/queue';
import { Injectable } from '@nestjs/common';
import { RedisCommands } from '../queue/redis.provider.js';

/** Workers tell what changes in about this time; asking more often tells nothing new. */
const freshMs = 50;

/** Keeps the forecast of each model, made from what its workers have told. */
@Injectable()
export class Forecasts {
  private readonly commands: RedisCommands;
  private readonly known = new Map<string, { readonly forecast: Promise<Forecast>; readonly atMs: number }>();

  constructor(commands: RedisCommands) {
    this.commands = commands;
  }

  /**
   * Returns a model's forecast, at most a twentieth of a second old.
   *
   * @throws ioredis' error while Redis is away.
   */
  async of(model: string): Promise<Forecast> {
    const known = this.known.get(model);
    if (known !== undefined && performance.now() - known.atMs < freshMs) return await known.forecast;
    const forecast = readWorkers(this.commands.redis, model).then((workers) => new Forecast(workers));
    this.known.set(model, { forecast, atMs: performance.now() });
    forecast.catch(() => this.known.delete(model));
    return await forecast;
  }
}
