import { DarkroomError, newOperatorId } from '@darkroom/contracts';
import type { OperatorRole } from '@darkroom/contracts/admin';
import { Injectable } from '@nestjs/common';
import { Database } from '../database/database.provider.js';
import { and, asc, eq, isNull } from '../database/drizzle.js';
import { operators, sessions } from '../database/schema.js';

/** An operator who signs in with a password, as the database has it. */
export type OperatorRow = typeof operators.$inferSelect;

/** What may be changed of an operator. */
export type OperatorChange = Partial<Pick<OperatorRow, 'role' | 'disabledAt' | 'passwordHash'>>;

/** Keeps the operators who sign in with a password. */
@Injectable()
export class OperatorRepository {
  private readonly database: Database;
  private readonly listeners: (() => void)[] = [];

  constructor(database: Database) {
    this.database = database;
  }

  async list(): Promise<OperatorRow[]> {
    return await this.database.run((queries) => queries.select().from(operators).orderBy(asc(operators.name)));
  }

  /** Finds an operator by its name. */
  async find(name: string): Promise<OperatorRow | undefined> {
    const [row] = await this.database.run((queries) => queries.select().from(operators).where(eq(operators.name, name)));
    return row;
  }

  /** Creates an operator, or returns undefined when the name is taken. */
  async create(name: string, role: OperatorRole, passwordHash: string): Promise<OperatorRow | undefined> {
    const values = { id: newOperatorId(), name, role, passwordHash };
    const [row] = await this.database.run((queries) =>
      queries.insert(operators).values(values).onConflictDoNothing().returning(),
    );
    return row;
  }

  /**
   * Changes an operator, and ends its sessions; undefined when there is none.
   *
   * @throws {DarkroomError} Thrown with `conflict` when no admin would be left who may sign in.
   */
  async change(id: string, change: OperatorChange): Promise<OperatorRow | undefined> {
    const changed = await this.database.run((queries) =>
      queries.transaction(async (transaction) => {
        // Held until the end: two admins who leave at once would else each see the other one stay.
        const admins = await transaction.select().from(operators).where(enabledAdmins).orderBy(asc(operators.id)).for('update');
        if (admins.length === 1 && admins[0]?.id === id && !keepsAdmin(change)) {
          throw new DarkroomError({ code: 'conflict', message: 'this is the last admin: make another one first', param: 'id' });
        }
        const [row] = await transaction.update(operators).set(change).where(eq(operators.id, id)).returning();
        if (row !== undefined) await transaction.delete(sessions).where(eq(sessions.operatorId, id));
        return row;
      }),
    );
    for (const listener of this.listeners) listener();
    return changed;
  }

  /** Calls the listener when an operator was changed here, from now on. */
  onChange(listener: () => void): void {
    this.listeners.push(listener);
  }

  /** Notes that an operator has signed in. */
  async signedIn(id: string): Promise<void> {
    await this.database.run((queries) => queries.update(operators).set({ lastSignInAt: new Date() }).where(eq(operators.id, id)));
  }
}

/** Leads to the admins who may sign in. */
const enabledAdmins = and(eq(operators.role, 'admin'), isNull(operators.disabledAt));

function keepsAdmin({ role = 'admin', disabledAt = null }: OperatorChange): boolean {
  return role === 'admin' && disabledAt === null;
}
