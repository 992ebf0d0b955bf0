import { Lifecycle, Log } from '@darkroom/service-kit';
import { Injectable } from '@nestjs/common';

/** Something that hands on what it has when the worker is drained, and takes up again what it did when it is resumed. */
export interface Drainable {
  drain(): Promise<unknown>;
  resume(): Promise<unknown>;
}

/**
 * Knows whether this worker takes generations: not while the service stops, nor while an operator has drained it.
 *
 * A drained worker does what one that is told to stop does: it makes the step it is in, stores a checkpoint and hands its jobs on; but it
 * lives, keeps its model, and takes jobs again when it is resumed.
 */
@Injectable()
export class Intake {
  private readonly lifecycle: Lifecycle;
  private readonly log: Log;
  private readonly parts: Drainable[] = [];
  private drained = new AbortController();
  private changing: Promise<unknown> = Promise.resolve();

  constructor(lifecycle: Lifecycle, log: Log) {
    this.lifecycle = lifecycle;
    this.log = log;
  }

  /** Aborts when what runs now is to be handed on; after it was resumed there is another signal. */
  get draining(): AbortSignal {
    return AbortSignal.any([this.lifecycle.draining, this.drained.signal]);
  }

  /** Whether an operator has drained it. */
  get isDrained(): boolean {
    return this.drained.signal.aborted;
  }

  /** Adds a part that is drained and resumed with the worker, in the order in which they are added. */
  add(part: Drainable): void {
    this.parts.push(part);
  }

  /** Drains the worker or resumes it, and tells whether that is a change; one change ends before the next begins. */
  set(isToDrain: boolean): boolean {
    if (isToDrain === this.isDrained || this.lifecycle.draining.aborted) return false;
    if (isToDrain) this.drained.abort(new Error('the worker is drained'));
    else this.drained = new AbortController();
    this.log.info(isToDrain ? 'drained: generations are handed on, and none is taken' : 'resumed: generations are taken again');
    this.changing = this.changing.then(async () => {
      for (const part of this.parts) await (isToDrain ? part.drain() : part.resume()).catch((error: unknown) => this.fail(error));
    });
    return true;
  }

  private fail(error: unknown): void {
    this.log.error('a part of the worker could not be drained or resumed', { error });
  }
}
