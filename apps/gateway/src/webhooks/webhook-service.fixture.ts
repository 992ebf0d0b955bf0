/** The control plane's part in webhooks, for the gateway's specs: it keeps them in memory, and its own specs say that it is right. */
import { randomBytes } from 'node:crypto';
import { DarkroomError, type OwedMessage, type Webhook, type WebhookServiceService } from '@darkroom/contracts';
import type { Handlers } from '@darkroom/service-kit';

interface Kept {
  readonly webhook: Webhook;
  /** The newest first. */
  readonly secrets: string[];
}

const kept = new Map<string, Kept>();

/** What webhooks are owed, by the generation's and the webhook's id; the control plane enters it with the end of a generation. */
export const owedMessages = new Map<string, OwedMessage>();

/** Under what a message is kept there; keys sort as the control plane lists messages. */
export const owedKey = ({ generationId, webhookId }: OwedMessage) => `${generationId} ${webhookId}`;

const newSecret = () => `whsec_${randomBytes(32).toString('base64')}`;

function find(tenantId: string, id: string): Kept {
  const found = kept.get(id);
  if (found?.webhook.tenantId === tenantId) return found;
  throw new DarkroomError({ code: 'not_found', message: 'there is no such webhook', param: 'id' });
}

export const webhookHandlers: Handlers<typeof WebhookServiceService> = {
  createWebhook: (request) => {
    const webhook = { ...request, enabled: true, disabledReason: '', createdAtMs: Date.now(), previousSecretUntilMs: 0 };
    const entry = kept.get(request.id) ?? { webhook, secrets: [newSecret()] };
    kept.set(request.id, entry);
    return { webhook: entry.webhook, secret: entry.secrets[0] ?? '' };
  },
  listWebhooks: ({ tenantId }) => ({
    webhooks: [...kept.values()].map(({ webhook }) => webhook).filter((webhook) => webhook.tenantId === tenantId),
  }),
  getWebhook: ({ tenantId, id }) => ({ webhook: find(tenantId, id).webhook }),
  updateWebhook: ({ tenantId, id, url, events, description, enabled, disabledReason }) => {
    const { webhook, secrets } = find(tenantId, id);
    const changed = {
      ...webhook,
      url: url ?? webhook.url,
      events: events.length > 0 ? events : webhook.events,
      description: description ?? webhook.description,
      ...(enabled !== undefined && { enabled, disabledReason }),
    };
    kept.set(id, { webhook: changed, secrets });
    return { webhook: changed };
  },
  deleteWebhook: ({ tenantId, id }) => {
    find(tenantId, id);
    kept.delete(id);
    return {};
  },
  rotateWebhookSecret: ({ tenantId, id }) => {
    const { webhook, secrets } = find(tenantId, id);
    secrets.unshift(newSecret());
    return { webhook: { ...webhook, previousSecretUntilMs: Date.now() + 24 * 60 * 60 * 1000 }, secret: secrets[0] ?? '' };
  },
  getSigningSecrets: ({ tenantId, id }) => {
    const { webhook, secrets } = find(tenantId, id);
    return { webhook, secrets: secrets.slice(0, 2) };
  },
  listOwedMessages: ({ afterGenerationId, afterWebhookId, limit }) => ({
    messages: [...owedMessages.values()]
      .filter((message) => owedKey(message) > `${afterGenerationId} ${afterWebhookId}`)
      .sort((a, b) => (owedKey(a) < owedKey(b) ? -1 : 1))
      .slice(0, limit),
  }),
  settleMessages: ({ messages }) => {
    for (const message of messages) owedMessages.delete(owedKey(message));
    return {};
  },
};
