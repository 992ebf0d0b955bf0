import { z } from 'zod';
import { modelBody, modelListBody } from '../../http/index.js';
import type { Route } from '../route.js';

/** OpenAI's endpoints for models. */
export const modelRoutes: readonly Route[] = [
  {
    method: 'get',
    path: '/v1/models',
    id: 'listModels',
    tag: 'models',
    scope: 'read',
    summary: 'List the served models, the default one first',
    answers: { 200: { description: 'All of them.', content: { 'application/json': modelListBody } } },
  },
  {
    method: 'get',
    path: '/v1/models/{id}',
    id: 'retrieveModel',
    tag: 'models',
    scope: 'read',
    summary: 'Look at a model',
    params: z.object({ id: z.string().meta({ description: 'Name of a model.', examples: ['pocket'] }) }),
    answers: { 200: { description: 'What it draws.', content: { 'application/json': modelBody } } },
    errors: ['not_found'],
  },
];
