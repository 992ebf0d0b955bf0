import {
  generationBody,
  imageEditForm,
  imageEditStreamEvent,
  imageGenerationBody,
  imageStreamEvent,
  imagesResponseBody,
  maiImageBody,
  maiImageQuery,
} from '../../http/index.js';
import { acceptedHeaders, imagesHeaders, requestIdHeaders } from '../headers.js';
import type { Route } from '../route.js';

const accepted = {
  description: 'With `Prefer: respond-async`: the generation, which goes on by itself.',
  content: { 'application/json': generationBody },
  headers: acceptedHeaders,
};

const errors: Route['errors'] = [
  'content_policy_violation',
  'not_found',
  'conflict',
  'cancelled',
  'deadline_exceeded',
  'worker_lost',
  'model_damaged',
];

/** OpenAI's endpoints for images, and Azure's. */
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
      202: accepted,
    },
    errors,
  },
  {
    method: 'post',
    path: '/v1/images/edits',
    id: 'editImage',
    tag: 'images',
    scope: 'generate',
    summary: 'Make images of a picture and wait for them',
    description:
      'Without a mask all of the picture is drawn anew, as far as `strength` lets it; with one what the mask uncovers, and the rest stays to the bit.',
    headers: imagesHeaders,
    body: { 'multipart/form-data': imageEditForm },
    answers: {
      200: {
        description: 'The images, or with `stream` their events.',
        content: { 'application/json': imagesResponseBody, 'text/event-stream': imageEditStreamEvent },
        headers: requestIdHeaders,
      },
      202: accepted,
    },
    errors,
  },
  {
    method: 'post',
    path: '/mai/v1/images/generations',
    id: 'generateMaiImage',
    tag: 'images',
    scope: 'generate',
    key: 'api-key',
    summary: "Make an image in the shape of Azure's MAI image API, and wait for it",
    description:
      'One PNG in base64, for clients of Azure; everything that it has no parameter for is as its tenant or the platform has it. Hanging up cancels the generation, unless there is an `Idempotency-Key`.',
    query: maiImageQuery,
    headers: imagesHeaders,
    body: { 'application/json': maiImageBody },
    answers: {
      200: {
        description: "Azure's `data`, and all that `POST /v1/images/generations` answers.",
        content: { 'application/json': imagesResponseBody },
        headers: requestIdHeaders,
      },
      202: accepted,
    },
    errors,
  },
];
