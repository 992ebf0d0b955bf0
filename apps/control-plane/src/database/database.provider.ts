import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { DarkroomError } from '@darkroom/contracts';
import { Lifecycle, Log, Readiness } from '@darkroom/service-kit';
import { Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { Config } from '../config.js';
import { databaseMissing, type OpenDatabase, type Queries } from './database.js';
import { fromDatabase } from './database-error.js';
import type { DatabaseDump } from './dump.js';
import { openPglite } from './pglite.js';
import { openPostgres } from './postgres.js';

/** The service's one database, which opens and migrates itself while the service already listens. */
@Injectable()
export class Database implements OnApplicationShutdown {
  private readonly opening: Promise<OpenDatabase>;
  private opened: OpenDatabase | undefined;
  private readonly log: Log;
  private readonly stopping: AbortSignal;

  constructor(config: Config, readiness: Readiness, lifecycle: Lifecycle, log: Log) {
    this.log = log;
    this.stopping = lifecycle.draining;
    this.opening = readiness.load('database', async () => {
      const { databaseUrl } = config;
      this.opened =
        databaseUrl === undefined
          ? await openPglite(join(config.stateDir, 'database'))
          : await this.persist(() => openPostgres(databaseUrl));
      return this.opened;
    });
    readiness.require('database answers', async () => this.opened && (await databaseMissing(this.opened)));
  }

  /**
   * Runs queries.
   *
   * @throws {DarkroomError} Thrown with `unavailable` while the database isn't open or doesn't answer, and with
   *   `invalid_argument` when a row would name a tenant or key that doesn't exist.
   */
  async run<Result>(work: (queries: Queries) => Promise<Result>): Promise<Result> {
    return await this.use(({ queries }) => work(queries));
  }

  /**
   * Copies the database as it is at this moment; undefined where it is a server, which has means of its own.
   *
   * @throws {DarkroomError} Thrown with `unavailable` while the database isn't open.
   */
  async dump(): Promise<DatabaseDump | undefined> {
    return await this.use(async (database) => await database.dump?.());
  }

  async onApplicationShutdown(): Promise<void> {
    // A database that never opened has nothing to close.
    const database = await this.opening.catch(() => undefined);
    await database?.close();
  }

  private async use<Result>(work: (database: OpenDatabase) => Promise<Result>): Promise<Result> {
    if (this.opened === undefined) {
      throw new DarkroomError({ code: 'unavailable', message: 'the database is not open yet', retryAfterSeconds: 2 });
    }
    try {
      return await work(this.opened);
    } catch (error) {
      throw fromDatabase(error);
    }
  }

  /** A server that is away when this service starts is waited for. */
  private async persist(open: () => Promise<OpenDatabase>): Promise<OpenDatabase> {
    for (;;) {
      try {
        return await open();
      } catch (error) {
        if (this.stopping.aborted) throw error;
        this.log.warn('PostgreSQL is not reachable; trying again', { reason: (error as NodeJS.ErrnoException).code });
        await sleep(1_000, undefined, { signal: this.stopping });
      }
    }
  }
}
