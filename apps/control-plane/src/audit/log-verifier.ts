import { Injectable } from '@nestjs/common';
import { AuditLog, type LogRow } from './audit-log.js';
import { GENESIS, linkHash } from './chain.js';
import { type EntryFacts, factsOf } from './entry-facts.js';

/** Entries read at a time. */
const PAGE = 500;

/** Problems that are told; one change seldom comes alone, and nobody reads thousands. */
const MOST_PROBLEMS = 20;

/** An entry's number and hash as they were kept elsewhere. */
export interface Anchor {
  readonly sequence: number;
  /** In hexadecimal. */
  readonly hash: string;
}

/** Something in the log that is not as it was written. */
export interface LogProblem {
  readonly sequence: number;
  readonly what: string;
}

/** What was found when the whole log was read. */
export interface Verification {
  readonly intact: boolean;
  readonly entries: number;
  /** The last hash in hexadecimal. */
  readonly hash: string;
  readonly problems: readonly LogProblem[];
}

/** Reads the whole audit log, and finds what is not as it was written. */
@Injectable()
export class LogVerifier {
  private readonly log: AuditLog;

  constructor(log: AuditLog) {
    this.log = log;
  }

  /**
   * Verifies the log: that no entry is missing, that each is what its hash was made of, that the table repeats each truly, and that
   * the log ends where its head says.
   *
   * @param anchor what an entry must still be: the only way to find a log that was rewritten whole.
   */
  async verify(anchor?: Anchor): Promise<Verification> {
    const problems: LogProblem[] = [];
    let last = { sequence: 0, hash: GENESIS };
    for (;;) {
      // Asked before the entries, which then reach at least as far, also while more are entered.
      const head = await this.log.head();
      const rows = await this.log.after(last.sequence, PAGE);
      for (const row of rows) {
        problems.push(...problemsOf(row, last, anchor));
        last = { sequence: row.sequence, hash: row.hash };
      }
      if (rows.length > 0) continue;
      if (head.sequence !== last.sequence) {
        problems.push({ sequence: last.sequence + 1, what: `the log should end with entry ${head.sequence}` });
      } else if (!last.hash.equals(head.hash)) {
        problems.push({ sequence: last.sequence, what: 'the last hash is not the one that the head has' });
      }
      break;
    }
    if (anchor !== undefined && anchor.sequence > last.sequence) {
      problems.push({ sequence: anchor.sequence, what: 'there is no such entry any more' });
    }
    return {
      intact: problems.length === 0,
      entries: last.sequence,
      hash: last.hash.toString('hex'),
      problems: problems.slice(0, MOST_PROBLEMS),
    };
  }
}

function* problemsOf(row: LogRow, last: { sequence: number; hash: Buffer }, anchor: Anchor | undefined): Generator<LogProblem> {
  const { sequence, entry, hash } = row;
  if (sequence !== last.sequence + 1) yield { sequence: last.sequence + 1, what: 'this entry is missing' };
  else if (!linkHash(last.hash, entry).equals(hash)) yield { sequence, what: 'the entry or its hash was changed' };
  const facts = factsOf(entry, row.id);
  const wrong = (Object.keys(facts) as (keyof EntryFacts)[]).find((name) => row[name].valueOf() !== facts[name].valueOf());
  if (wrong !== undefined) yield { sequence, what: `the table says of \`${wrong}\` what the entry does not` };
  if (anchor?.sequence === sequence && anchor.hash !== hash.toString('hex')) {
    yield { sequence, what: 'its hash is not the one that was kept elsewhere' };
  }
}
