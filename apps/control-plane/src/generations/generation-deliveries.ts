import { messageIdOf } from '@darkroom/contracts';
import type { GenerationDeliveryBody } from '@darkroom/contracts/admin';
import { deliveryJobId, deliveryStatus, openWebhookDeliveries, redisUnavailable } from '@darkroom/service-kit/queue';
import { Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { GenerationQueues } from '../queue/generation-queues.js';
import { WebhookRepository, type WebhookRow } from '../webhooks/webhook.repository.js';

/** Tells which webhooks were told of a generation's end; the gateways, which do so, keep that in Redis for some days. */
@Injectable()
export class GenerationDeliveries implements OnApplicationShutdown {
  private readonly queues: GenerationQueues;
  private readonly webhooks: WebhookRepository;
  private queue: ReturnType<typeof openWebhookDeliveries> | undefined;

  constructor(queues: GenerationQueues, webhooks: WebhookRepository) {
    this.queues = queues;
    this.webhooks = webhooks;
  }

  /**
   * Lists the deliveries of a generation's end to its tenant's webhooks.
   *
   * @throws {DarkroomError} Thrown with `unavailable` while Redis or the database is away.
   */
  async of(tenantId: string, generationId: string): Promise<GenerationDeliveryBody[]> {
    const webhooks = await this.webhooks.list(tenantId);
    const found = await Promise.all(webhooks.map((webhook) => this.look(webhook, generationId)));
    return found.filter((delivery) => delivery !== undefined);
  }

  async onApplicationShutdown(): Promise<void> {
    await this.queue?.close();
  }

  private async look({ id: webhook, url }: WebhookRow, generationId: string): Promise<GenerationDeliveryBody | undefined> {
    try {
      this.queue ??= openWebhookDeliveries(this.queues.redis);
      const jobId = deliveryJobId(webhook, messageIdOf(generationId));
      // The state before the job: a delivery that ends in between then still has its last attempt.
      const state = await this.queue.getJobState(jobId);
      const job = await this.queue.getJob(jobId);
      if (job === undefined) return undefined;
      const last = job.data.attempts.at(-1);
      return {
        webhook,
        url,
        status: deliveryStatus(state),
        attempts: job.data.attempts.length,
        status_code: last?.status_code ?? null,
        error: last?.error ?? null,
      };
    } catch (error) {
      throw redisUnavailable(error);
    }
  }
}
