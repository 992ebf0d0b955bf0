import { DarkroomError, type GenerationJob, type QueuePayload, toQueue } from '@darkroom/contracts';
import { Log, Metrics } from '@darkroom/service-kit';
import { GENERATION_JOB, redisUnavailable } from '@darkroom/service-kit/queue';
import { Injectable } from '@nestjs/common';
import { Attempts } from './attempts.js';
import { Isolation } from './isolation.js';
import { RedisConnections } from './redis-connections.js';

/** So many workers may die in a row over one generation, without getting further with it, before it is set aside. */
const mostDeaths = 2;

/** Dead letters that are kept; the oldest go first. */
const mostDeadLetters = 1_000;

/** One attempt at a job. */
export interface Attempt {
  readonly job: GenerationJob;
  /** What no other attempt has: BullMQ's token and the number of the attempt. */
  readonly token: string;
  /** Whether the job has been taken before. */
  readonly isRetry: boolean;
  /** How far earlier attempts got, in passes of the transformer. */
  readonly progress: number;
}

/**
 * Keeps a generation that ends its worker's process from ending one after another.
 *
 * Whoever was being run when a process died is under suspicion, and runs alone from then on, so that no bystander is taken along or
 * falls under suspicion again. One that ends a second process, and got no further since the first, is set aside as a dead letter.
 */
@Injectable()
export class Recovery {
  private readonly connections: RedisConnections;
  private readonly attempts: Attempts;
  private readonly isolation = new Isolation();
  private readonly log: Log;
  private readonly deaths;

  constructor(connections: RedisConnections, log: Log, metrics: Metrics) {
    this.connections = connections;
    this.attempts = new Attempts(connections.commands);
    this.log = log;
    this.deaths = metrics.counter({
      name: 'darkroom_dead_letters_total',
      help: "Generations that were set aside because they ended their workers' processes.",
    });
  }

  /**
   * Runs an attempt's work, alone when it is under suspicion.
   *
   * @throws {DarkroomError} Thrown with `worker_lost` when the generation is not to be tried again, with `unavailable` when Redis is
   *   away, and with whatever the work throws.
   */
  async run<Result>(attempt: Attempt, work: () => Promise<Result>): Promise<Result> {
    const { job, isRetry, progress } = attempt;
    const deaths = isRetry ? await this.attempts.deaths(job.id, progress).catch(rethrow) : 0;
    if (deaths >= mostDeaths) {
      throw new DarkroomError({
        code: 'worker_lost',
        message: `${deaths} worker processes in a row ended while this generation ran, after ${progress} of its passes; it was set aside`,
      });
    }
    if (deaths > 0) {
      return await this.isolation.runAlone(() =>
        this.noted(attempt, () => {
          // Now, not when it began to wait for the others to end.
          this.log.warn('a generation whose worker died runs alone', { generationId: job.id, deaths, progress });
          return work();
        }),
      );
    }
    return await this.isolation.runTogether(() => this.noted(attempt, work));
  }

  /**
   * Keeps a job that is not tried again where an operator finds it.
   *
   * @throws {DarkroomError} Thrown with `unavailable` when Redis is away.
   */
  async setAside(id: string, { payload }: QueuePayload, error: DarkroomError): Promise<void> {
    const letter = { payload, reason: toQueue(error) };
    await this.connections.deadLetters.add(GENERATION_JOB, letter, { jobId: id }).catch(rethrow);
    this.deaths.inc();
    const letters = await this.connections.deadLetters.getJobs(['waiting'], mostDeadLetters, -1).catch(() => []);
    await Promise.all(letters.map((oldest) => oldest.remove().catch(() => undefined)));
  }

  private async noted<Result>({ job, token }: Attempt, work: () => Promise<Result>): Promise<Result> {
    // Not waited for: it is under way long before the first pass, which is what may end the process. Should Redis be away for a moment,
    // the attempt is not on record, and its death would not count: that does no harm.
    void this.attempts.begin(job.id, token).catch(() => undefined);
    // Where that fails it expires, or counts as a death, which alone does no harm either.
    const end = () => this.attempts.end(job.id, token).catch(() => undefined);
    try {
      const result = await work();
      // Nobody takes up again what has succeeded: it need not be waited for.
      void end();
      return result;
    } catch (error) {
      await end();
      throw error;
    }
  }
}

function rethrow(error: unknown): never {
  throw redisUnavailable(error);
}
