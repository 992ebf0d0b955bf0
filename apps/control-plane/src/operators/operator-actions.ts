import { AuditEntry, DarkroomError, newActId } from '@darkroom/contracts';
import { Log } from '@darkroom/service-kit';
import { Injectable } from '@nestjs/common';
import { AuditLog } from '../audit/audit-log.js';
import type { Operator } from './operator.js';

/** Longest fact that is entered; what is longer is cut. */
const LONGEST_FACT = 200;

/** Who did something; `none` is the role of who is nobody, and by `platform` came what its policies and its configuration do. */
export interface Actor {
  readonly name: string;
  readonly role: Operator['role'] | 'none';
  readonly via: Operator['via'] | 'platform';
}

/** Something that an operator does. */
export interface Action {
  /** For instance `tenant.create`. */
  readonly action: string;
  /** Id of what it is done to; empty where there is none yet, or at all. */
  readonly subject: string;
  /** What else there is to know; never a prompt or a secret. */
  readonly facts: Readonly<Record<string, unknown>>;
}

/** How an action came out. */
export type ActionOutcome = 'done' | 'refused' | 'failed';

/** Enters what operators do into the audit log. */
@Injectable()
export class OperatorActions {
  private readonly auditLog: AuditLog;
  private readonly log: Log;

  constructor(auditLog: AuditLog, log: Log) {
    this.auditLog = auditLog;
    this.log = log;
  }

  /**
   * Does something for an operator and enters how it came out; nothing is begun while the audit log can't be reached.
   *
   * @param work returns what it was done to as well, where that was not known before.
   * @param answer names fields of what it returns that are entered with it.
   * @throws {DarkroomError} Thrown with `unavailable` when the audit log can't be reached; else, what the work throws.
   */
  async run<Result>(
    operator: Operator,
    action: Action,
    work: () => Promise<Result>,
    answer: readonly string[] = [],
  ): Promise<Result> {
    await this.auditLog.head();
    let result: Result;
    try {
      result = await work();
    } catch (error) {
      const { code } = DarkroomError.from(error);
      await this.enter(operator, { ...action, facts: { ...action.facts, error: code } }, 'failed');
      throw error;
    }
    const facts = { ...action.facts, ...Object.fromEntries(answer.map((name) => [name, fieldOf(result, name)])) };
    await this.enter(operator, { ...action, facts, subject: action.subject || idOf(result) }, 'done');
    return result;
  }

  /** Enters what an operator did, or was not let do. */
  async enter(operator: Actor, { action, subject, facts }: Action, outcome: ActionOutcome): Promise<void> {
    const { name, role, via } = operator;
    const act = { operator: name, role, via, action, subject: subject.slice(0, LONGEST_FACT), outcome, facts: listed(facts) };
    const entry = { id: newActId(), atMs: Date.now(), decision: undefined, review: undefined, policy: undefined, operator: act };
    try {
      await this.auditLog.append([{ bytes: AuditEntry.encode(entry).finish(), place: entry.id }]);
    } catch (error) {
      // The log of the service is then the only one that tells of it.
      this.log.error('what an operator did could not be entered into the audit log', { action, subject, outcome, name, error });
      throw error;
    }
  }
}

function listed(facts: Action['facts']) {
  return Object.entries(facts)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => ({
      name,
      value: (typeof value === 'string' ? value : JSON.stringify(value)).slice(0, LONGEST_FACT),
    }));
}

function idOf(result: unknown): string {
  const id = fieldOf(result, 'id');
  return typeof id === 'string' ? id : '';
}

function fieldOf(result: unknown, name: string): unknown {
  return typeof result === 'object' && result !== null ? (result as Readonly<Record<string, unknown>>)[name] : undefined;
}
