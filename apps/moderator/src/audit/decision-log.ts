import { createHmac } from 'node:crypto';
import { type Decision, newDecisionId } from '@darkroom/contracts';
import { keptKey, Lifecycle, Log, Metrics, Readiness } from '@darkroom/service-kit';
import { appendToAudit } from '@darkroom/service-kit/audit';
import { connectRedis, redisMissing } from '@darkroom/service-kit/redis';
import { Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { Config } from '../config.js';

/** Enters decisions into the audit log. */
@Injectable()
export class DecisionLog implements OnApplicationShutdown {
  private readonly redis;
  private readonly key: Promise<Buffer>;
  private readonly seconds;

  constructor({ redisUrl, auditKey, stateDir }: Config, readiness: Readiness, lifecycle: Lifecycle, log: Log, metrics: Metrics) {
    this.redis = connectRedis(redisUrl, log, lifecycle.overdue);
    readiness.require('redis', () => redisMissing(this.redis));
    this.key = readiness.load('audit key', async () => auditKey ?? (await keptKey(stateDir, 'audit-key')));
    this.seconds = metrics.histogram({
      name: 'darkroom_audit_append_seconds',
      help: 'How long a verdict waited for its decision to be in the audit log.',
    });
  }

  /**
   * Enters a decision and returns its id.
   *
   * @throws {DarkroomError} Thrown with `unavailable` when it is not known to be in the log; its verdict must not be given then.
   */
  async enter(decision: Decision): Promise<string> {
    const id = newDecisionId();
    const stop = this.seconds.startTimer();
    await appendToAudit(this.redis, {
      id,
      atMs: Date.now(),
      decision,
      review: undefined,
      policy: undefined,
      operator: undefined,
    });
    stop();
    return id;
  }

  /** Returns the HMAC-SHA256 of what is judged, in hexadecimal: all that the log has of it. */
  async seal(content: string | Uint8Array): Promise<string> {
    return createHmac('sha256', await this.key)
      .update(content)
      .digest('hex');
  }

  onApplicationShutdown(): void {
    this.redis.disconnect();
  }
}
