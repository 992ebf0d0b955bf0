import { z } from 'zod';
import {
  generationBody,
  generationEvent,
  generationListBody,
  generationQuery,
  imageEditForm,
  imageGenerationBody,
} from '../../http/index.js';
import { acceptedHeaders, eventsHeaders, submitHeaders } from '../headers.js';
import type { Route } from '../route.js';

const params = z.object({
  id: z.string().meta({ description: 'Id of a generation.', examples: ['gen_019abc1e-0000-7000-8000-000000000000'] }),
});
const generation = { 'application/json': generationBody };

/** Generations as jobs. */
export const generationRoutes: readonly Route[] = [
  {
    method: 'post',
    path: '/v1/generations',
    id: 'createGeneration',
    tag: 'generations',
    scope: 'generate',
    summary: 'Begin a generation',
    description:
      'Answers at once; nobody has to stay for it. A form edits a picture. `stream` is refused here: the events have a route of their own.',
    headers: submitHeaders,
    body: { 'application/json': imageGenerationBody, 'multipart/form-data': imageEditForm },
    answers: { 202: { description: 'The generation.', content: generation, headers: acceptedHeaders } },
    errors: ['content_policy_violation', 'not_found', 'conflict'],
  },
  {
    method: 'get',
    path: '/v1/generations',
    id: 'listGenerations',
    tag: 'generations',
    scope: 'read',
    summary: 'List the generations of the last 24 hours, the newest first',
    query: generationQuery,
    answers: { 200: { description: 'A page of them.', content: { 'application/json': generationListBody } } },
  },
  {
    method: 'get',
    path: '/v1/generations/{id}',
    id: 'retrieveGeneration',
    tag: 'generations',
    scope: 'read',
    summary: 'Look at a generation',
    description: 'For 24 hours.',
    params,
    answers: { 200: { description: 'How it stands.', content: generation } },
    errors: ['not_found'],
  },
  {
    method: 'delete',
    path: '/v1/generations/{id}',
    id: 'cancelGeneration',
    tag: 'generations',
    scope: 'generate',
    summary: 'Cancel a generation',
    description: 'What has ended stays as it is; doing it again changes nothing.',
    params,
    answers: {
      200: { description: 'It has ended.', content: generation },
      202: { description: 'It is being put down.', content: generation },
    },
    errors: ['not_found'],
  },
  {
    method: 'post',
    path: '/v1/generations/{id}/replay',
    id: 'replayGeneration',
    tag: 'generations',
    summary: 'Make a generation again',
    description:
      'A new generation from the same prompt, seed and parameters, admitted and charged like any other. `matches` of it tells in the end whether the bytes are the same.',
    scope: 'generate',
    params,
    headers: submitHeaders,
    answers: { 202: { description: 'The new generation.', content: generation, headers: acceptedHeaders } },
    errors: ['content_policy_violation', 'not_found', 'conflict'],
  },
  {
    method: 'get',
    path: '/v1/generations/{id}/events',
    id: 'streamGenerationEvents',
    tag: 'generations',
    scope: 'read',
    summary: 'Follow a generation',
    description: 'Server-sent events until it has ended. A lost connection goes on after the id in `Last-Event-ID`.',
    params,
    headers: eventsHeaders,
    answers: {
      200: { description: 'Its events.', content: { 'text/event-stream': generationEvent } },
      204: { description: 'The last of its events had come already.' },
    },
    errors: ['not_found'],
  },
];
