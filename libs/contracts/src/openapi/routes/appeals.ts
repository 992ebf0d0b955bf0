import { z } from 'zod';
import { appealBody, appealViewBody } from '../../http/index.js';
import type { Route } from '../route.js';

const ofDecision = z.object({
  id: z.string().meta({
    description: 'Id of a decision, as the `decision_id` of an error tells it.',
    examples: ['dec_019abc1e-0000-7000-8000-000000000000'],
  }),
});
const ofGeneration = z.object({ id: z.string().meta({ description: 'Id of a generation.' }) });
const appeal = { 'application/json': appealViewBody };

/** Asking for a person to look at what moderation decided. */
export const appealRoutes: readonly Route[] = [
  {
    method: 'post',
    path: '/v1/generations/{id}/appeal',
    id: 'appealGeneration',
    tag: 'appeals',
    scope: 'generate',
    summary: 'Appeal against what was decided on a generation',
    description: 'Against the gravest decision, and of several the last. The same text again changes nothing.',
    params: ofGeneration,
    body: { 'application/json': appealBody },
    answers: { 202: { description: 'A reviewer will look at it.', content: appeal } },
    errors: ['not_found', 'conflict'],
  },
  {
    method: 'post',
    path: '/v1/decisions/{id}/appeal',
    id: 'appealDecision',
    tag: 'appeals',
    scope: 'generate',
    summary: 'Appeal against a decision, such as that on a refused prompt',
    description: 'An error tells it as `decision_id`. The same text again changes nothing.',
    params: ofDecision,
    body: { 'application/json': appealBody },
    answers: { 202: { description: 'A reviewer will look at it.', content: appeal } },
    errors: ['not_found', 'conflict'],
  },
  {
    method: 'get',
    path: '/v1/decisions/{id}/appeal',
    id: 'retrieveAppeal',
    tag: 'appeals',
    scope: 'read',
    summary: 'Look at how an appeal stands',
    params: ofDecision,
    answers: { 200: { description: 'How it stands.', content: appeal } },
    errors: ['not_found'],
  },
];
