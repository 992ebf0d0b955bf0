import type { GenerationJob } from '@darkroom/contracts';
import type { ProgressBody } from '@darkroom/contracts/http';
import type { QueuePosition } from '@darkroom/service-kit/queue';
import { Injectable } from '@nestjs/common';
import type { GenerationState } from '../queue/generation-state.js';
import { GenerationProgressReader } from './generation-progress.js';

const intervalMs = 1_000;

/** Hears where a generation is in the queue. */
export type QueueListener = (progress: ProgressBody) => void;

/** One who watches a generation that waits. */
interface Watcher {
  readonly job: GenerationJob;
  readonly listener: QueueListener;
  /** The position that was told last. */
  told: number | undefined;
}

/** Tells those who watch waiting generations how they come forward: one look a second for all of a model's. */
@Injectable()
export class QueueProgress {
  private readonly progress: GenerationProgressReader;
  private readonly models = new Map<string, Set<Watcher>>();

  constructor(progress: GenerationProgressReader) {
    this.progress = progress;
  }

  /** Tells the listener of each new position, until the generation is taken or the returned function is called. */
  watch({ job, status }: GenerationState, listener: QueueListener): () => void {
    if (status !== 'queued') return () => undefined;
    const watcher: Watcher = { job, listener, told: undefined };
    const watchers = this.models.get(job.model);
    if (watchers === undefined) {
      this.models.set(job.model, new Set([watcher]));
      void this.run(job.model);
    } else {
      watchers.add(watcher);
    }
    return () => this.models.get(job.model)?.delete(watcher);
  }

  private async run(model: string): Promise<void> {
    const watchers = this.models.get(model) as Set<Watcher>;
    while (watchers.size > 0) {
      // While Redis is away nothing can be seen.
      await this.tell(model, [...watchers]).catch(() => undefined);
      await new Promise((resolve) => setTimeout(resolve, intervalMs).unref());
    }
    this.models.delete(model);
  }

  private async tell(model: string, watchers: readonly Watcher[]): Promise<void> {
    const ids = watchers.map(({ job }) => job.id);
    const positions = await this.progress.positions(model, ids);
    for (const [i, watcher] of watchers.entries()) await this.tellOne(watcher, positions[i]);
  }

  private async tellOne(watcher: Watcher, position: QueuePosition | undefined): Promise<void> {
    if (position === undefined) {
      // Taken, or put back: what happens then is told by whoever takes it.
      this.models.get(watcher.job.model)?.delete(watcher);
      return;
    }
    if (position.position === watcher.told) return;
    watcher.told = position.position;
    watcher.listener(await this.progress.queued(watcher.job, position));
  }
}
