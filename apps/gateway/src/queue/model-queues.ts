import { DarkroomError, type QueuePayload } from '@darkroom/contracts';
import { Log } from '@darkroom/service-kit';
import {
  closeGenerationEvents,
  FairQueue,
  type GenerationQueue,
  openGenerationEvents,
  openGenerationQueue,
} from '@darkroom/service-kit/queue';
import { Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { Config } from '../config.js';
import { ModelCatalogue } from '../models/model-catalogue.js';
import { RedisCommands } from './redis.provider.js';

type GenerationEvents = ReturnType<typeof openGenerationEvents>;

/** Hears of a job that has ended, and of what it returned when it succeeded. */
export type EndListener = (generationId: string, returned: QueuePayload | undefined) => void;

/** The producing ends of all served models' queues, and what happens in them. */
@Injectable()
export class ModelQueues implements OnApplicationShutdown {
  private readonly queues = new Map<string, GenerationQueue>();
  private readonly fairQueues = new Map<string, FairQueue>();
  private readonly events: GenerationEvents[] = [];
  private readonly listeners = new Set<EndListener>();
  private readonly opened: Promise<void>;
  private readonly config: Config;
  private readonly commands: RedisCommands;
  private readonly log: Log;

  constructor(config: Config, catalogue: ModelCatalogue, commands: RedisCommands, log: Log) {
    this.config = config;
    this.commands = commands;
    this.log = log;
    this.opened = catalogue.entries().then((entries) => {
      for (const { model } of entries) this.open(model.id);
    });
    // Readiness tells what is wrong with the models.
    this.opened.catch(() => undefined);
  }

  /** Tells whether the catalogue has a model. */
  has(model: string): boolean {
    return this.queues.has(model);
  }

  /** Returns the queue of a model that the catalogue has. */
  of(model: string): GenerationQueue {
    return this.known(this.queues, model);
  }

  /** Returns what shares a model's queue among tenants. */
  fair(model: string): FairQueue {
    return this.known(this.fairQueues, model);
  }

  /**
   * Returns the queues of all models, once it is known which there are: until then nothing is told to be missing.
   *
   * @throws {DarkroomError} Thrown with `unavailable` when the models can't be read.
   */
  async all(): Promise<Iterable<GenerationQueue>> {
    await this.opened;
    return this.queues.values();
  }

  /**
   * Returns the names of all models that have queues.
   *
   * @throws {DarkroomError} Thrown as {@link all} throws it.
   */
  async models(): Promise<Iterable<string>> {
    await this.opened;
    return this.queues.keys();
  }

  /** Calls the listener with each job that ends from now on, until the returned function is called. */
  onEnd(listener: EndListener): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  async onApplicationShutdown(): Promise<void> {
    await Promise.all([...this.events.map(closeGenerationEvents), ...[...this.queues.values()].map((queue) => queue.close())]);
  }

  private known<Value>(values: ReadonlyMap<string, Value>, model: string): Value {
    const value = values.get(model);
    if (value === undefined) throw new DarkroomError({ code: 'internal', message: 'the model has no queue' });
    return value;
  }

  private open(model: string): void {
    const { redisUrl } = this.config;
    const queue = openGenerationQueue(model, this.commands.redis, this.log);
    this.queues.set(model, queue);
    this.fairQueues.set(model, new FairQueue(this.commands.redis, queue));
    const events = openGenerationEvents(model, redisUrl, this.log);
    const tell = (jobId: string, returned?: QueuePayload) => {
      for (const listener of this.listeners) listener(jobId, returned);
    };
    // BullMQ types it as text, and has parsed it.
    events.on('completed', ({ jobId, returnvalue }) => tell(jobId, returnvalue as unknown as QueuePayload));
    events.on('failed', ({ jobId }) => tell(jobId));
    this.events.push(events);
  }
}
