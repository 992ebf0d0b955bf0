import { createHash, randomBytes } from 'node:crypto';
import type { OperatorRole, SignInWay } from '@darkroom/contracts/admin';
import { Log } from '@darkroom/service-kit';
import { Injectable } from '@nestjs/common';
import { Database } from '../database/database.provider.js';
import { and, eq, gt, inArray, isNull, lt, or } from '../database/drizzle.js';
import { operators, sessions } from '../database/schema.js';
import type { Operator } from './operator.js';

/** A session ends so long after the sign-in, whatever is done in it. */
export const SESSION_MS = 12 * 60 * 60 * 1000;

/** A session ends when nothing was done in it for so long. */
export const IDLE_MS = 2 * 60 * 60 * 1000;

/** How often at most it is written down that a session is in use. */
const TOUCH_INTERVAL_MS = 60_000;

const SECRET = /^[A-Za-z0-9_-]{43}$/;

/** Who begins a session. */
export interface NewSession {
  readonly name: string;
  readonly role: OperatorRole;
  readonly via: SignInWay;
  /** Null for an operator of an OpenID provider. */
  readonly operatorId: string | null;
}

/** Keeps who has signed in. */
@Injectable()
export class Sessions {
  private readonly database: Database;
  private readonly log: Log;
  private readonly listeners: (() => void)[] = [];

  constructor(database: Database, log: Log) {
    this.database = database;
    this.log = log;
  }

  /** Begins a session and returns its secret, 256 random bits, which is kept nowhere; sessions that are over are forgotten. */
  async begin(session: NewSession): Promise<string> {
    const secret = randomBytes(32).toString('base64url');
    const now = Date.now();
    await this.database.run(async (queries) => {
      await queries.delete(sessions).where(or(lt(sessions.expiresAt, new Date(now)), lt(sessions.lastSeenAt, idleSince(now))));
      await queries.insert(sessions).values({ ...session, secretHash: hashOf(secret), expiresAt: new Date(now + SESSION_MS) });
    });
    return secret;
  }

  /** Returns whose session a secret is of; undefined when it is over, or never was. */
  async find(secret: string): Promise<(Operator & { readonly operatorId: string | null }) | undefined> {
    if (!SECRET.test(secret)) return undefined;
    const now = Date.now();
    const secretHash = hashOf(secret);
    const { name, role, via, operatorId, lastSeenAt } = sessions;
    const [row] = await this.database.run((queries) =>
      queries
        .select({ name, role, via, operatorId, lastSeenAt, roleNow: operators.role })
        .from(sessions)
        .leftJoin(operators, eq(operators.id, sessions.operatorId))
        .where(and(eq(sessions.secretHash, secretHash), goesOn(now))),
    );
    if (row === undefined) return undefined;
    if (row.lastSeenAt.getTime() < now - TOUCH_INTERVAL_MS) this.touch(secretHash);
    return { name: row.name, role: row.roleNow ?? row.role, via: row.via, operatorId: row.operatorId };
  }

  /** Tells which of some sessions go on, by their secrets; that does not count as a use of them. */
  async living(secrets: readonly string[]): Promise<ReadonlySet<string>> {
    const byHash = new Map(secrets.map((secret) => [hashOf(secret), secret]));
    const rows = await this.database.run((queries) =>
      queries
        .select({ hash: sessions.secretHash })
        .from(sessions)
        .leftJoin(operators, eq(operators.id, sessions.operatorId))
        .where(and(inArray(sessions.secretHash, [...byHash.keys()]), goesOn(Date.now()))),
    );
    return new Set(rows.flatMap(({ hash }) => byHash.get(hash) ?? []));
  }

  /** Ends a session; one that is over stays over. */
  async end(secret: string): Promise<void> {
    await this.database.run((queries) => queries.delete(sessions).where(eq(sessions.secretHash, hashOf(secret))));
    for (const listener of this.listeners) listener();
  }

  /** Calls the listener when a session was ended here, from now on. */
  onEnd(listener: () => void): void {
    this.listeners.push(listener);
  }

  /** Notes that a session is in use; nobody has to wait for that. */
  private touch(secretHash: string): void {
    this.database
      .run((queries) => queries.update(sessions).set({ lastSeenAt: new Date() }).where(eq(sessions.secretHash, secretHash)))
      .catch((error: unknown) => this.log.warn('the use of a session was not noted', { error }));
  }
}

/** Leads to the sessions that have not ended, joined with their operators. */
function goesOn(now: number) {
  return and(gt(sessions.expiresAt, new Date(now)), gt(sessions.lastSeenAt, idleSince(now)), isNull(operators.disabledAt));
}

function idleSince(now: number): Date {
  return new Date(now - IDLE_MS);
}

/** A plain hash is enough for 256 random bits: there is nothing to guess. */
function hashOf(secret: string): string {
  return createHash('sha256').update(secret).digest('hex');
}
