import { generationBody, imageGenerationBody, imageStreamEvent, imagesResponseBody } from '../../http/index.js';
import { acceptedHeaders, imagesHeaders, requestIdHeaders } from '../headers.js';
import type { Route } from '../route.js';

/** OpenAI's endpoints for images. */
export const imageRoutes: readonly Route[] = [
  {
    method: 'post',
    path: '/v1/images/generations',
    id: 'generateImages',
    tag: 'images',
    scope: 'generate',
    summary: 'Make images and wait for them',
    description:
      'Hanging up cancels the generation, unless `keep_on_disconnect` or an `Idempotency-Key` says otherwise. With `stream` the answer is a stream of server-sent events.',
    headers: imagesHeaders,
    body: { 'application/json': imageGenerationBody },
    answers: {
      200: {
        description: 'The images, or with `stream` their events.',
        content: { 'application/json': imagesResponseBody, 'text/event-stream': imageStreamEvent },
        headers: requestIdHeaders,
      },
      202: {
        description: 'With `Prefer: respond-async`: the generation, which goes on by itself.',
        content: { 'application/json': generationBody },
        headers: acceptedHeaders,
      },
    },
    errors: [
      'content_policy_violation',
      'not_found',
      'conflict',
      'cancelled',
      'deadline_exceeded',
      'worker_lost',
      'model_damaged',
    ],
  },
];
