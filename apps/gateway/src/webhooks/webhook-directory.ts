import { DarkroomError, isWebhookId, type Webhook } from '@darkroom/contracts';
import { Injectable } from '@nestjs/common';
import { Neighbours } from '../neighbours/neighbours.js';
import { notTheirFault } from '../neighbours/not-their-fault.js';
import { AddressPolicy } from './address-policy.js';

/** What a webhook is made of. */
export type NewWebhook = Pick<Webhook, 'id' | 'tenantId' | 'url' | 'events' | 'description' | 'gatewayUrl'>;

/** What of a webhook its owner changes; absent for what stays. */
export interface WebhookChanges {
  readonly url?: string | undefined;
  readonly events?: readonly string[] | undefined;
  readonly description?: string | undefined;
  readonly enabled?: boolean | undefined;
}

/** Webhooks as their owners see and change them; the control plane keeps them. */
@Injectable()
export class WebhookDirectory {
  private readonly neighbours: Neighbours;
  private readonly policy: AddressPolicy;

  constructor(neighbours: Neighbours, policy: AddressPolicy) {
    this.neighbours = neighbours;
    this.policy = policy;
  }

  /**
   * Enters a webhook, and returns it with its secret.
   *
   * @throws {DarkroomError} Thrown with `invalid_argument` when its address may not be used, and with `conflict` when there are too
   *   many.
   */
  async create(webhook: NewWebhook): Promise<{ webhook: Webhook; secret: string }> {
    await this.policy.assertAllowed(webhook.url);
    const { webhook: created, secret } = await asked(this.neighbours.webhooks.createWebhook(webhook));
    return { webhook: present(created), secret };
  }

  async list(tenantId: string): Promise<Webhook[]> {
    return (await asked(this.neighbours.webhooks.listWebhooks({ tenantId }))).webhooks;
  }

  /**
   * Finds a tenant's webhook.
   *
   * @throws {DarkroomError} Thrown with `not_found` when there is none, also when it is another tenant's.
   */
  async find(tenantId: string, id: string): Promise<Webhook> {
    assertId(id);
    return present((await asked(this.neighbours.webhooks.getWebhook({ tenantId, id }))).webhook);
  }

  /**
   * Finds a tenant's webhook that can be sent to.
   *
   * @throws {DarkroomError} Thrown with `not_found` when there is none, and with `conflict` when it is disabled.
   */
  async findEnabled(tenantId: string, id: string): Promise<Webhook> {
    const webhook = await this.find(tenantId, id);
    if (webhook.enabled) return webhook;
    throw new DarkroomError({ code: 'conflict', message: 'the webhook is disabled; enable it first' });
  }

  async update(tenantId: string, id: string, { events = [], ...changes }: WebhookChanges): Promise<Webhook> {
    assertId(id);
    if (changes.url !== undefined) await this.policy.assertAllowed(changes.url);
    const request = { tenantId, id, ...changes, events: [...events], disabledReason: '' };
    return present((await asked(this.neighbours.webhooks.updateWebhook(request))).webhook);
  }

  async delete(tenantId: string, id: string): Promise<void> {
    assertId(id);
    await asked(this.neighbours.webhooks.deleteWebhook({ tenantId, id }));
  }

  async rotateSecret(tenantId: string, id: string): Promise<{ webhook: Webhook; secret: string }> {
    assertId(id);
    const { webhook, secret } = await asked(this.neighbours.webhooks.rotateWebhookSecret({ tenantId, id }));
    return { webhook: present(webhook), secret };
  }
}

/** What can be no webhook's id is not looked up. */
function assertId(id: string): void {
  if (!isWebhookId(id)) throw new DarkroomError({ code: 'not_found', message: 'there is no such webhook', param: 'id' });
}

async function asked<Answer>(answer: Promise<Answer>): Promise<Answer> {
  try {
    return await answer;
  } catch (error) {
    throw notTheirFault(error, ['invalid_argument', 'not_found', 'conflict'], 'webhooks can not be looked up at the moment');
  }
}

function present(webhook: Webhook | undefined): Webhook {
  if (webhook === undefined)
    throw new DarkroomError({ code: 'internal', message: 'the control plane answered without a webhook' });
  return webhook;
}
