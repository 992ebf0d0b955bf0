import { DarkroomError, type GetSigningSecretsResponse, type Webhook } from '@darkroom/contracts';
import type { DeliveryAttemptBody } from '@darkroom/contracts/http';
import { Log, Metrics } from '@darkroom/service-kit';
import { Injectable } from '@nestjs/common';
import { Delivery as ImageDelivery, type ShownImage } from '../generations/delivery.js';
import { Neighbours } from '../neighbours/neighbours.js';
import { AddressPolicy } from './address-policy.js';
import type { Delivery } from './deliveries.js';
import { failureOfError, failureOfStatus } from './failure-words.js';
import { type Message, renderMessage, signedHeaders } from './message.js';
import { type PostAnswer, post } from './post.js';

/** A receiver has so long to answer. */
const TIMEOUT_MS = 15_000;

/** An answer that asks for no more messages. */
const GONE = 410;

/** What came of trying to send a message. */
export type Sending =
  | { readonly isSent: true; readonly attempt: DeliveryAttemptBody }
  /** It was not sent, and will not be. */
  | { readonly isSent: false; readonly reason: string };

/** Makes one attempt at a delivery. */
@Injectable()
export class Sender {
  private readonly neighbours: Neighbours;
  private readonly policy: AddressPolicy;
  private readonly images: ImageDelivery;
  private readonly log: Log;
  private readonly seconds;

  constructor(neighbours: Neighbours, policy: AddressPolicy, images: ImageDelivery, log: Log, metrics: Metrics) {
    this.neighbours = neighbours;
    this.policy = policy;
    this.images = images;
    this.log = log;
    this.seconds = metrics.histogram({
      name: 'darkroom_webhook_attempt_seconds',
      help: 'How long an attempt to deliver to a webhook took, by what came of it: delivered, refused, unanswered.',
      labelNames: ['outcome'],
    });
  }

  /**
   * Sends a delivery's message to its webhook as that is now; one that answers that it is gone is disabled.
   *
   * @param stopping aborts an attempt that is under way.
   * @throws {DarkroomError} Thrown when nothing is to be told of the attempt: with `cancelled` on the signal, and with `unavailable`
   *   while the control plane is away.
   */
  async send({ webhookId: id, tenantId, message }: Delivery, stopping: AbortSignal): Promise<Sending> {
    const { webhook, secrets } = await this.find(tenantId, id);
    if (webhook === undefined) return { isSent: false, reason: 'the webhook was deleted' };
    if (!webhook.enabled) return { isSent: false, reason: 'the webhook is disabled' };
    const attempt = await this.attempt(message, webhook, secrets, stopping);
    if (attempt.status_code === GONE) {
      const disabledReason = 'it answered 410 Gone';
      await this.neighbours.webhooks.updateWebhook({ tenantId, id, events: [], enabled: false, disabledReason });
    }
    return { isSent: true, attempt };
  }

  private async find(tenantId: string, id: string): Promise<Partial<GetSigningSecretsResponse> & { secrets: string[] }> {
    try {
      return await this.neighbours.webhooks.getSigningSecrets({ tenantId, id });
    } catch (error) {
      if (DarkroomError.from(error).code === 'not_found') return { secrets: [] };
      throw error;
    }
  }

  private async attempt(
    message: Message,
    webhook: Webhook,
    secrets: readonly string[],
    stopping: AbortSignal,
  ): Promise<DeliveryAttemptBody> {
    const at = new Date();
    const show = (images: readonly ShownImage[]) => this.images.urlsUnder(webhook.gatewayUrl, images);
    const body = JSON.stringify(await renderMessage(message, webhook, show));
    const start = performance.now();
    const { answer, error } = await this.post(webhook.url, body, signedHeaders(message.id, body, secrets, at), stopping);
    const durationMs = performance.now() - start;
    const outcome = error === undefined ? 'delivered' : answer === undefined ? 'unanswered' : 'refused';
    this.seconds.observe({ outcome }, durationMs / 1000);
    this.log.info('webhook attempted', { webhookId: webhook.id, deliveryId: message.id, outcome, reason: error });
    return {
      at: at.toISOString(),
      duration_ms: Math.round(durationMs),
      status_code: answer?.status ?? null,
      response_body: answer?.body ?? null,
      error: error ?? null,
    };
  }

  private async post(
    address: string,
    body: string,
    signed: ReturnType<typeof signedHeaders>,
    stopping: AbortSignal,
  ): Promise<{ answer?: PostAnswer; error?: string | undefined }> {
    const timeout = AbortSignal.timeout(TIMEOUT_MS);
    const headers = {
      'content-type': 'application/json',
      'content-length': Buffer.byteLength(body),
      'user-agent': 'Darkroom-Webhooks',
      ...signed,
    };
    try {
      const url = this.policy.parse(address);
      const signal = AbortSignal.any([timeout, stopping]);
      const answer = await post({ url, headers, body, lookup: this.policy.lookup, signal });
      return { answer, error: failureOfStatus(answer.status) };
    } catch (error) {
      if (stopping.aborted) throw new DarkroomError({ code: 'cancelled', message: 'the attempt was called off', cause: error });
      return { error: timeout.aborted ? `no answer came within ${TIMEOUT_MS / 1000} s` : failureOfError(error) };
    }
  }
}
