import { DarkroomError } from '@darkroom/contracts';
import { Injectable } from '@nestjs/common';
import { Database } from '../database/database.provider.js';
import { asc, eq, sql } from '../database/drizzle.js';
import { models } from '../database/schema.js';

/** A model as the database has it. */
export type ModelRow = typeof models.$inferSelect;

/** What a gateway tells of a model that it serves. */
export type ModelFacts = Pick<ModelRow, 'name' | 'digest' | 'defaultSteps'>;

/** Knows the models that gateways have told of, and which of them take requests. */
@Injectable()
export class ModelRepository {
  private readonly database: Database;

  constructor(database: Database) {
    this.database = database;
  }

  /** Enters what a gateway serves; a row is written when there is news, and once a minute. */
  async see(facts: readonly ModelFacts[]): Promise<void> {
    if (facts.length === 0) return;
    await this.database.run((queries) =>
      queries
        .insert(models)
        .values([...facts])
        .onConflictDoUpdate({
          target: models.name,
          set: { digest: sql`excluded.digest`, defaultSteps: sql`excluded.default_steps`, lastSeenAt: sql`now()` },
          setWhere: sql`${models.digest} <> excluded.digest or ${models.defaultSteps} <> excluded.default_steps
            or ${models.lastSeenAt} < now() - interval '1 minute'`,
        }),
    );
  }

  /** Lists all models, by name. */
  async list(): Promise<ModelRow[]> {
    return await this.database.run((queries) => queries.select().from(models).orderBy(asc(models.name)));
  }

  /**
   * Takes a model out of those that take requests, or back; what is queued for it is still made.
   *
   * @param by who does it; null takes it back.
   * @throws {DarkroomError} Thrown with `not_found` for one that no gateway has told of.
   */
  async retire(name: string, by: string | null): Promise<ModelRow> {
    const [row] = await this.database.run((queries) =>
      queries
        .update(models)
        .set({ retiredAt: by === null ? null : sql`coalesce(${models.retiredAt}, now())`, retiredBy: by })
        .where(eq(models.name, name))
        .returning(),
    );
    return row ?? noSuchModel(name);
  }
}

/** Refuses a name that no gateway has told of. */
export function noSuchModel(name: string, param = 'model'): never {
  throw new DarkroomError({ code: 'not_found', message: `no gateway has told of a model "${name}"`, param });
}
