import { randomBytes } from 'node:crypto';
import {
  type CreateWebhookRequest,
  type CreateWebhookResponse,
  DarkroomError,
  type DeleteWebhookRequest,
  type DeleteWebhookResponse,
  type GetSigningSecretsRequest,
  type GetSigningSecretsResponse,
  type GetWebhookRequest,
  type GetWebhookResponse,
  type ListOwedMessagesRequest,
  type ListOwedMessagesResponse,
  type ListWebhooksRequest,
  type ListWebhooksResponse,
  type RotateWebhookSecretRequest,
  type RotateWebhookSecretResponse,
  type SettleMessagesRequest,
  type SettleMessagesResponse,
  type UpdateWebhookRequest,
  type UpdateWebhookResponse,
  type Webhook,
  type WebhookServiceService,
} from '@darkroom/contracts';
import { type Handlers, Log } from '@darkroom/service-kit';
import { Injectable } from '@nestjs/common';
import { foundWebhook } from './found-webhook.js';
import { OwedMessages } from './owed-messages.js';
import { SecretBox } from './secret-box.js';
import { type WebhookChanges, WebhookRepository, type WebhookRow } from './webhook.repository.js';

/** Webhooks that one tenant may have. */
const MOST_WEBHOOKS = 20;

/** Most owed messages of one answer. */
const MOST_OWED = 10_000;

/** Random bytes of a secret; the specification of Standard Webhooks wants 24 to 64. */
const SECRET_BYTES = 32;

/** Keeps tenants' webhooks for the gateways. */
@Injectable()
export class WebhookHandlers implements Handlers<typeof WebhookServiceService> {
  private readonly webhooks: WebhookRepository;
  private readonly box: SecretBox;
  private readonly owed: OwedMessages;
  private readonly log: Log;

  constructor(webhooks: WebhookRepository, box: SecretBox, owed: OwedMessages, log: Log) {
    this.webhooks = webhooks;
    this.box = box;
    this.owed = owed;
    this.log = log;
  }

  async createWebhook({ id, ...rest }: CreateWebhookRequest): Promise<CreateWebhookResponse> {
    const sealedSecret = await this.box.seal(newSecret(), id);
    const webhook = await this.webhooks.create({ id, ...rest, sealedSecret }, MOST_WEBHOOKS);
    if (webhook === undefined) {
      throw new DarkroomError({
        code: 'conflict',
        message: `a tenant can have ${MOST_WEBHOOKS} webhooks, and there are so many; delete one first`,
      });
    }
    this.log.info('webhook entered', { webhookId: id, tenantId: webhook.tenantId });
    return { webhook: toMessage(webhook), secret: await this.box.open(webhook.sealedSecret, id) };
  }

  async listWebhooks({ tenantId }: ListWebhooksRequest): Promise<ListWebhooksResponse> {
    return { webhooks: (await this.webhooks.list(tenantId)).map(toMessage) };
  }

  async getWebhook({ tenantId, id }: GetWebhookRequest): Promise<GetWebhookResponse> {
    return { webhook: toMessage(foundWebhook(await this.webhooks.find(tenantId, id))) };
  }

  async updateWebhook(request: UpdateWebhookRequest): Promise<UpdateWebhookResponse> {
    const { tenantId, id, url, events, description, enabled, disabledReason } = request;
    const changes: WebhookChanges = {
      ...(url !== undefined && { url }),
      ...(events.length > 0 && { events }),
      ...(description !== undefined && { description }),
      ...(enabled !== undefined && { enabled, disabledReason: enabled ? '' : disabledReason }),
    };
    if (Object.keys(changes).length === 0) return await this.getWebhook({ tenantId, id });
    const webhook = foundWebhook(await this.webhooks.update(tenantId, id, changes));
    if (disabledReason !== '') this.log.warn('webhook disabled', { webhookId: id, tenantId, reason: disabledReason });
    return { webhook: toMessage(webhook) };
  }

  async deleteWebhook({ tenantId, id }: DeleteWebhookRequest): Promise<DeleteWebhookResponse> {
    foundWebhook(await this.webhooks.delete(tenantId, id));
    this.log.info('webhook deleted', { webhookId: id, tenantId });
    return {};
  }

  async rotateWebhookSecret({ tenantId, id }: RotateWebhookSecretRequest): Promise<RotateWebhookSecretResponse> {
    const secret = newSecret();
    const webhook = foundWebhook(await this.webhooks.rotate(tenantId, id, await this.box.seal(secret, id)));
    this.log.info('webhook secret rotated', { webhookId: id, tenantId });
    return { webhook: toMessage(webhook), secret };
  }

  async getSigningSecrets({ tenantId, id }: GetSigningSecretsRequest): Promise<GetSigningSecretsResponse> {
    const webhook = foundWebhook(await this.webhooks.find(tenantId, id));
    const { sealedSecret, sealedPreviousSecret } = webhook;
    const sealed = [sealedSecret];
    if (sealedPreviousSecret !== null && previousUntilMs(webhook) > Date.now()) sealed.push(sealedPreviousSecret);
    return { webhook: toMessage(webhook), secrets: await Promise.all(sealed.map((text) => this.box.open(text, id))) };
  }

  async listOwedMessages(request: ListOwedMessagesRequest): Promise<ListOwedMessagesResponse> {
    const { afterGenerationId: generationId, afterWebhookId: webhookId, limit } = request;
    const owed = await this.owed.list({ generationId, webhookId }, Math.min(limit, MOST_OWED));
    return { messages: owed.map(({ endedAt, ...message }) => ({ ...message, endedAtMs: endedAt.getTime() })) };
  }

  async settleMessages({ messages }: SettleMessagesRequest): Promise<SettleMessagesResponse> {
    await this.owed.settle(messages);
    return {};
  }
}

function newSecret(): string {
  return `whsec_${randomBytes(SECRET_BYTES).toString('base64')}`;
}

function previousUntilMs({ previousSecretUntil }: WebhookRow): number {
  return previousSecretUntil?.getTime() ?? 0;
}

function toMessage(row: WebhookRow): Webhook {
  const { id, tenantId, url, events, description, gatewayUrl, enabled, disabledReason, createdAt } = row;
  const untilMs = previousUntilMs(row);
  return {
    id,
    tenantId,
    url,
    events,
    description,
    gatewayUrl,
    enabled,
    disabledReason,
    createdAtMs: createdAt.getTime(),
    previousSecretUntilMs: untilMs > Date.now() ? untilMs : 0,
  };
}
