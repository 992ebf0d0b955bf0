import { newTenantId } from '@darkroom/contracts';
import { Injectable } from '@nestjs/common';
import { Database } from '../database/database.provider.js';
import { asc, eq, or } from '../database/drizzle.js';
import { tenants } from '../database/schema.js';

/** One tenant as the database has it. */
export type Tenant = typeof tenants.$inferSelect;

/** What may be changed of a tenant; what is undefined stays, and null takes a limit away. */
export type TenantChange = {
  readonly [Field in keyof Omit<Tenant, 'id' | 'name' | 'createdAt' | 'policyDigest' | 'previousPolicyDigest'>]?:
    | Tenant[Field]
    | undefined;
};

/** Keeps tenants. */
@Injectable()
export class TenantRepository {
  private readonly database: Database;

  constructor(database: Database) {
    this.database = database;
  }

  /** Returns the tenant of that name, creating it if there is none. */
  async ensure(name: string): Promise<Tenant> {
    await this.database.run((queries) => queries.insert(tenants).values({ id: newTenantId(), name }).onConflictDoNothing());
    const [tenant] = await this.database.run((queries) => queries.select().from(tenants).where(eq(tenants.name, name)));
    if (tenant === undefined) throw new Error(`tenant ${name} was neither found nor created`);
    return tenant;
  }

  /** Creates a tenant, or returns undefined when the name is taken. */
  async create(name: string): Promise<Tenant | undefined> {
    const [tenant] = await this.database.run((queries) =>
      queries.insert(tenants).values({ id: newTenantId(), name }).onConflictDoNothing().returning(),
    );
    return tenant;
  }

  /** Changes a tenant, by its id or its name; undefined when there is none. */
  async change(idOrName: string, change: TenantChange): Promise<Tenant | undefined> {
    // An update of nothing is no SQL.
    if (Object.values(change).every((value) => value === undefined)) return await this.find(idOrName);
    const [tenant] = await this.database.run((queries) => queries.update(tenants).set(change).where(named(idOrName)).returning());
    return tenant;
  }

  /** Finds a tenant by its id or its name. */
  async find(idOrName: string): Promise<Tenant | undefined> {
    const [tenant] = await this.database.run((queries) => queries.select().from(tenants).where(named(idOrName)));
    return tenant;
  }

  /** Returns the id of the tenant of that id or name; what is neither is taken for an id that nothing belongs to. */
  async idOf(idOrName: string): Promise<string> {
    return (await this.find(idOrName))?.id ?? idOrName;
  }

  async list(): Promise<Tenant[]> {
    return await this.database.run((queries) => queries.select().from(tenants).orderBy(asc(tenants.id)));
  }
}

function named(idOrName: string) {
  return or(eq(tenants.id, idOrName), eq(tenants.name, idOrName));
}
