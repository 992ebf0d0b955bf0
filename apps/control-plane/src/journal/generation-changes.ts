import { Injectable } from '@nestjs/common';
import type { GenerationStatus } from '../database/schema.js';

/** A generation whose status has changed in the journal. */
export interface GenerationChange {
  readonly id: string;
  readonly tenantId: string;
  readonly model: string;
  readonly status: GenerationStatus;
  /** Code of the error of one that has failed; null for others. */
  readonly errorCode: string | null;
  readonly at: Date;
}

/** Hears of changes, several at a time as they come to the database. */
export type ChangeListener = (changes: readonly GenerationChange[]) => void;

/** Tells of what this process has changed in the journal. */
@Injectable()
export class GenerationChanges {
  private readonly listeners = new Set<ChangeListener>();

  /** Calls the listener with the changes from now on, after they were written, until the returned function is called. */
  on(listener: ChangeListener): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  /** Tells the listeners of rows that were written. */
  tell(rows: readonly Omit<GenerationChange, 'at'>[]): void {
    if (rows.length === 0) return;
    const at = new Date();
    const changes = rows.map((row) => ({ ...row, at }));
    for (const listener of this.listeners) listener(changes);
  }
}
