import { setTimeout as sleep } from 'node:timers/promises';
import { Log, Metrics } from '@darkroom/service-kit';
import { Injectable, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { Config } from '../config.js';
import { OperatorActions } from '../operators/operator-actions.js';
import { CanaryRepository, type CanaryRow } from './canary.repository.js';
import { RevisionOutcomes } from './revision-outcomes.js';

/** Pause between looks. */
const PAUSE_MS = 5_000;

/** Who takes a canary back. */
const POLICY = { name: 'canary policy', role: 'admin', via: 'platform' } as const;

/** Takes canaries back that do worse than their models. Every control plane looks; the first to act is the only one. */
@Injectable()
export class CanaryWatch implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly canaries: CanaryRepository;
  private readonly outcomes: RevisionOutcomes;
  private readonly actions: OperatorActions;
  private readonly hasRedis: boolean;
  private readonly log: Log;
  private readonly rolledBack;
  private readonly stopping = new AbortController();
  private running: Promise<void> | undefined;

  constructor(
    { redisUrl }: Config,
    canaries: CanaryRepository,
    outcomes: RevisionOutcomes,
    actions: OperatorActions,
    log: Log,
    metrics: Metrics,
  ) {
    this.canaries = canaries;
    this.outcomes = outcomes;
    this.actions = actions;
    this.hasRedis = redisUrl !== undefined;
    this.log = log;
    this.rolledBack = metrics.counter({
      name: 'darkroom_canary_rollbacks_total',
      help: 'Canaries that were taken back since they did worse than their models, by model.',
      labelNames: ['model'],
    });
  }

  onApplicationBootstrap(): void {
    if (this.hasRedis) this.running = this.run();
  }

  async onApplicationShutdown(): Promise<void> {
    this.stopping.abort();
    await this.running;
  }

  /** Judges every active canary once, and takes back those that are worse. */
  async look(): Promise<void> {
    for (const canary of await this.canaries.list()) {
      if (canary.state !== 'active' || canary.percent === 0) continue;
      const { judgement } = await this.outcomes.judge(canary);
      if (judgement.verdict === 'worse') await this.rollBack(canary, judgement.reason);
    }
  }

  private async rollBack(canary: CanaryRow, reason: string): Promise<void> {
    if ((await this.canaries.rollBack(canary, reason, POLICY.name)) === undefined) return;
    const { model, revision, percent } = canary;
    this.rolledBack.inc({ model });
    this.log.warn('a canary was taken back', { model, revision, percent, reason });
    await this.actions.enter(
      POLICY,
      { action: 'canary.roll_back', subject: model, facts: { revision, percent, reason } },
      'done',
    );
  }

  private async run(): Promise<void> {
    const { signal } = this.stopping;
    for (let failed = false; !signal.aborted; ) {
      await sleep(PAUSE_MS, undefined, { signal, ref: false }).catch(() => undefined);
      if (signal.aborted) return;
      try {
        await this.look();
        failed = false;
      } catch (error) {
        if (!failed) this.log.warn('canaries can not be judged at the moment', { error });
        failed = true;
      }
    }
  }
}
