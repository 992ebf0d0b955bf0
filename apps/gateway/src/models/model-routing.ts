import { setTimeout as sleep } from 'node:timers/promises';
import { DarkroomError, type RequiredDigest, type SyncResponse } from '@darkroom/contracts';
import { Lifecycle, Log, Readiness } from '@darkroom/service-kit';
import { Injectable } from '@nestjs/common';
import { Config } from '../config.js';
import { Neighbours } from '../neighbours/neighbours.js';
import type { Canary } from './canary-setting.js';
import { ModelCatalogue } from './model-catalogue.js';

/** So long a change that an operator makes takes to be in force here, at most. */
const INTERVAL_MS = 2_000;

/**
 * Knows which models take requests, and which have canaries: what `MODEL_CANARIES` says until the control plane has answered once, then what
 * the control plane said last, also while it is away.
 */
@Injectable()
export class ModelRouting {
  private readonly config: Config;
  private readonly neighbours: Neighbours;
  private readonly catalogue: ModelCatalogue;
  private readonly log: Log;
  /** Digests of the models that are served here, by name. */
  private served: ReadonlyMap<string, string> = new Map();
  private told: SyncResponse | undefined;
  private isAway = false;

  constructor(
    config: Config,
    neighbours: Neighbours,
    catalogue: ModelCatalogue,
    readiness: Readiness,
    lifecycle: Lifecycle,
    log: Log,
  ) {
    this.config = config;
    this.neighbours = neighbours;
    this.catalogue = catalogue;
    this.log = log;
    readiness.tell('canaries', () => this.note());
    readiness.tell('registrations', () => this.noteOfWrong());
    void this.run(lifecycle.draining);
  }

  /** Canaries of models that take requests; those whose revision is retired or not served here are left out. */
  get canaries(): readonly Canary[] {
    return this.wanted.filter(({ revision }) => this.served.has(revision) && !this.isClosed(revision));
  }

  /** Tells whether a model takes no new requests here: it is retired, or another revision is required. */
  isClosed(model: string): boolean {
    return (this.told?.retiredModels.includes(model) ?? false) || this.wrong.includes(model);
  }

  private get wrong(): readonly string[] {
    const isOther = ({ model, digest }: RequiredDigest) => this.served.has(model) && this.served.get(model) !== digest;
    return (this.told?.requiredDigests ?? []).filter(isOther).map(({ model }) => model);
  }

  private get wanted(): readonly Canary[] {
    return this.told?.canaries ?? this.config.modelCanaries;
  }

  /** An operator may name a revision that only some gateways serve yet. */
  private note(): string | undefined {
    const missing = this.wanted.map(({ revision }) => revision).filter((revision) => !this.served.has(revision));
    if (missing.length === 0 || this.served.size === 0) return undefined;
    return `this gateway does not serve ${missing.join(', ')}: the model itself gets those requests`;
  }

  private noteOfWrong(): string | undefined {
    if (this.wrong.length === 0) return undefined;
    return `${this.wrong.join(', ')}: another revision is registered as required than this gateway has, so it takes no requests here`;
  }

  private async run(draining: AbortSignal): Promise<void> {
    const entries = await this.catalogue.entries().catch(() => undefined);
    // Readiness tells what is wrong with the models; nothing can be requested then.
    if (entries === undefined) return;
    this.served = new Map(entries.map(({ model, digest = '' }) => [model.id, digest]));
    const models = entries.map(({ model, digest = '' }) => ({ name: model.id, digest, defaultSteps: model.defaultSteps }));
    const request = { models, configuredCanaries: [...this.config.modelCanaries] };
    while (!draining.aborted) {
      try {
        this.told = await this.neighbours.routing.sync(request);
        this.isAway = false;
      } catch (error) {
        if (!this.isAway)
          this.log.warn('the control plane does not tell where requests go', { code: DarkroomError.from(error).code });
        this.isAway = true;
      }
      await sleep(INTERVAL_MS, undefined, { signal: draining, ref: false }).catch(() => undefined);
    }
  }
}
