import { DarkroomError } from '@darkroom/contracts';
import { Injectable } from '@nestjs/common';
import { Database } from '../database/database.provider.js';
import { asc, eq, sql } from '../database/drizzle.js';
import { modelRegistrations } from '../database/schema.js';

/** A registration as the database has it. */
export type RegistrationRow = typeof modelRegistrations.$inferSelect;

/** A registration as somebody wants it. */
export type WantedRegistration = Omit<RegistrationRow, 'registeredAt'>;

/** Keeps which revision each model is meant to be. */
@Injectable()
export class RegistrationRepository {
  constructor(private readonly database: Database) {}

  /** Lists all, by model. */
  async list(): Promise<RegistrationRow[]> {
    return await this.database.run((queries) => queries.select().from(modelRegistrations).orderBy(asc(modelRegistrations.model)));
  }

  /** Enters a registration, in place of the model's earlier one. */
  async put(wanted: WantedRegistration): Promise<void> {
    await this.database.run((queries) =>
      queries
        .insert(modelRegistrations)
        .values(wanted)
        .onConflictDoUpdate({ target: modelRegistrations.model, set: { ...wanted, registeredAt: sql`now()` } }),
    );
  }

  /** Takes a registration out. @throws {DarkroomError} Thrown with `not_found` for a model that has none. */
  async remove(model: string): Promise<void> {
    const removed = await this.database.run((queries) =>
      queries
        .delete(modelRegistrations)
        .where(eq(modelRegistrations.model, model))
        .returning({ model: modelRegistrations.model }),
    );
    if (removed.length > 0) return;
    throw new DarkroomError({ code: 'not_found', message: `no model "${model}" is registered`, param: 'model' });
  }
}
