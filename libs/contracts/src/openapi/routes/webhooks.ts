import { z } from 'zod';
import type { ZodOpenApiPathsObject } from 'zod-openapi';
import {
  deliveryBody,
  deliveryListBody,
  deliveryQuery,
  newWebhookBody,
  webhookBody,
  webhookChangesBody,
  webhookDeletedBody,
  webhookListBody,
  webhookMessageBody,
  webhookWithSecretBody,
} from '../../http/index.js';
import { messageHeaders, submitHeaders } from '../headers.js';
import type { Route } from '../route.js';

const params = z.object({
  id: z.string().meta({ description: 'Id of a webhook.', examples: ['whk_019abc1e-0000-7000-8000-000000000000'] }),
});
const deliveryParams = params.extend({
  delivery: z.string().meta({ description: 'Id of a delivery.', examples: ['msg_019abc1e-0000-7000-8000-000000000000'] }),
});
const webhook = { 'application/json': webhookBody };
const withSecret = { 'application/json': webhookWithSecretBody };
const delivery = { 'application/json': deliveryBody };
const common = { tag: 'webhooks', scope: 'webhooks', params, errors: ['not_found'] } as const;

/** What the gateway posts to webhooks. */
export const messages = {
  message: {
    post: {
      operationId: 'receiveMessage',
      tags: ['webhooks'],
      summary: 'Be told of the end of a generation',
      security: [],
      requestParams: { header: messageHeaders },
      requestBody: { required: true, content: { 'application/json': { schema: webhookMessageBody } } },
      responses: {
        '2XX': { description: 'Taken.' },
        410: { description: 'Not wanted any more: the webhook is disabled.' },
        default: { description: 'Not taken: it is sent again later.' },
      },
    },
  },
} satisfies ZodOpenApiPathsObject;

/** Webhooks, after the Standard Webhooks specification, and what was delivered to them. */
export const webhookRoutes: readonly Route[] = [
  {
    method: 'post',
    path: '/v1/webhooks',
    id: 'createWebhook',
    tag: 'webhooks',
    scope: 'webhooks',
    summary: 'Be told when generations have ended',
    description: 'The answer shows the secret, and no other does. A tenant can have 20 webhooks.',
    headers: submitHeaders,
    body: { 'application/json': newWebhookBody },
    answers: { 201: { description: 'The webhook with its secret.', content: withSecret } },
    errors: ['conflict'],
  },
  {
    method: 'get',
    path: '/v1/webhooks',
    id: 'listWebhooks',
    tag: 'webhooks',
    scope: 'webhooks',
    summary: 'List the webhooks, the oldest first',
    answers: { 200: { description: 'All of them.', content: { 'application/json': webhookListBody } } },
  },
  {
    ...common,
    method: 'get',
    path: '/v1/webhooks/{id}',
    id: 'retrieveWebhook',
    summary: 'Look at a webhook',
    answers: { 200: { description: 'The webhook.', content: webhook } },
  },
  {
    ...common,
    method: 'patch',
    path: '/v1/webhooks/{id}',
    id: 'updateWebhook',
    summary: 'Change a webhook',
    body: { 'application/json': webhookChangesBody },
    answers: { 200: { description: 'The webhook as it is now.', content: webhook } },
  },
  {
    ...common,
    method: 'delete',
    path: '/v1/webhooks/{id}',
    id: 'deleteWebhook',
    summary: 'Delete a webhook',
    answers: { 200: { description: 'It is gone.', content: { 'application/json': webhookDeletedBody } } },
  },
  {
    ...common,
    method: 'post',
    path: '/v1/webhooks/{id}/rotate-secret',
    id: 'rotateWebhookSecret',
    summary: 'Make a new secret',
    description: 'For 24 hours messages are signed with the secret before as well.',
    answers: { 200: { description: 'The webhook with its new secret.', content: withSecret } },
  },
  {
    ...common,
    method: 'post',
    path: '/v1/webhooks/{id}/test',
    id: 'testWebhook',
    summary: 'Send a test event now',
    answers: { 202: { description: 'Its delivery.', content: delivery } },
    errors: ['not_found', 'conflict'],
  },
  {
    ...common,
    method: 'get',
    path: '/v1/webhooks/{id}/deliveries',
    id: 'listDeliveries',
    summary: 'List what was and will be delivered, the newest first',
    description: 'Deliveries are kept for three days after their end.',
    query: deliveryQuery,
    answers: { 200: { description: 'A page of them.', content: { 'application/json': deliveryListBody } } },
  },
  {
    ...common,
    method: 'get',
    path: '/v1/webhooks/{id}/deliveries/{delivery}',
    id: 'retrieveDelivery',
    summary: 'Look at a delivery',
    params: deliveryParams,
    answers: { 200: { description: 'The delivery with its attempts.', content: delivery } },
  },
  {
    ...common,
    method: 'post',
    path: '/v1/webhooks/{id}/deliveries/{delivery}/replay',
    id: 'replayDelivery',
    summary: 'Send a delivery again now',
    description: 'With the same `webhook-id`. One that had ended is tried anew as often as at first.',
    params: deliveryParams,
    answers: { 202: { description: 'The delivery.', content: delivery } },
    errors: ['not_found', 'conflict'],
  },
];
