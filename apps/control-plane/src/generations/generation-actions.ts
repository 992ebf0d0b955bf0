import { DarkroomError, GenerationJob } from '@darkroom/contracts';
import type { PromptBody } from '@darkroom/contracts/admin';
import { GenerationRetries, redisUnavailable, requestCancellation } from '@darkroom/service-kit/queue';
import { Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { Config } from '../config.js';
import { GenerationJournal, type GenerationRow } from '../journal/generation-journal.js';
import { KeyService } from '../keys/key.service.js';
import { viewVerifiedKey } from '../keys/verified-key.js';
import { GenerationQueues } from '../queue/generation-queues.js';
import { MonthlyUsage } from '../usage/monthly-usage.js';
import { GenerationFiles } from './generation-files.js';
import { QueuedGenerations } from './queued-generations.js';

/** So long a gateway may take to admit a retry: it asks the moderator and the prompt encoder. */
const RETRY_PATIENCE_MS = 15_000;

/** Does with generations what operators may. */
@Injectable()
export class GenerationActions implements OnApplicationShutdown {
  private retries: GenerationRetries | undefined;

  constructor(
    private readonly config: Config,
    private readonly journal: GenerationJournal,
    private readonly queues: GenerationQueues,
    private readonly queued: QueuedGenerations,
    private readonly files: GenerationFiles,
    private readonly keys: KeyService,
    private readonly monthlyUsage: MonthlyUsage,
  ) {}

  /**
   * Notes that a generation is wanted no more, as its client's own cancelling does; one that has ended is left as it is.
   *
   * @throws {DarkroomError} Thrown with `unavailable` when Redis didn't confirm the note; nothing has been changed then.
   */
  async cancel({ id, status }: GenerationRow): Promise<void> {
    if (status !== 'accepted' && status !== 'running') return;
    await requestCancellation(this.queues.redis, id).catch((error: unknown) => {
      throw redisUnavailable(error, 'the queue is not reachable; the generation was not cancelled');
    });
    await this.journal.noteCancellations([id]);
  }

  /**
   * Has a gateway make a generation anew that did not succeed, with the same key, and returns the new one's id; the same
   * Idempotency-Key gives the same one.
   *
   * @throws {DarkroomError} Thrown with `conflict` when it can't be, and with the gateway's reason when it is not admitted.
   */
  async retry({ id, keyId }: GenerationRow, idempotencyKey: string): Promise<string> {
    const { key, tenant } = await this.keys.usable(keyId);
    const caller = viewVerifiedKey(key, tenant, await this.monthlyUsage.of(tenant.id));
    this.retries ??= new GenerationRetries(this.queues.redis);
    const over = AbortSignal.timeout(RETRY_PATIENCE_MS);
    return await this.retries.request({ generationId: id, idempotencyKey, caller }, over);
  }

  /**
   * Reads what a generation was asked for in words, while its job is kept.
   *
   * @throws {DarkroomError} Thrown with `permission_denied` where the configuration shows prompts to nobody, and with `not_found` when
   *   they are not kept any more.
   */
  async prompts({ id, model, job: bytes }: GenerationRow): Promise<PromptBody> {
    if (!this.config.dashboardShowPrompts) {
      throw new DarkroomError({
        code: 'permission_denied',
        message: 'prompts are shown to nobody here: DASHBOARD_SHOW_PROMPTS is false',
      });
    }
    const job = bytes === null ? (await this.queued.find(model, id))?.job : GenerationJob.decode(bytes);
    if (job !== undefined) return await this.files.prompts(job);
    const message = 'the prompt of this generation is not kept any more: it is for 24 hours after its end';
    throw new DarkroomError({ code: 'not_found', message, param: 'id' });
  }

  async onApplicationShutdown(): Promise<void> {
    await this.retries?.close();
  }
}
