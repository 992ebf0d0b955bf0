import { z } from 'zod';
import { usageLimitsBody, usageSummaryBody, usageSummaryQuery } from '../../http/index.js';
import type { Route } from '../route.js';

/** What was used, and what may be. */
export const usageRoutes: readonly Route[] = [
  {
    method: 'get',
    path: '/v1/usage',
    id: 'summariseUsage',
    tag: 'usage',
    scope: 'usage',
    summary: 'Sum what was used, by day, model and key',
    description: 'Of the whole tenant; of the key alone when it has the scope `read` and not `usage`.',
    query: usageSummaryQuery,
    answers: {
      200: {
        description: 'The sums, the earliest day first.',
        content: { 'application/json': usageSummaryBody, 'text/csv': z.string() },
      },
    },
  },
  {
    method: 'get',
    path: '/v1/usage/limits',
    id: 'retrieveLimits',
    tag: 'usage',
    scope: 'usage',
    summary: 'Look at the limits, and what is left of them',
    description: 'The scope `read` is enough.',
    answers: { 200: { description: 'The limits.', content: { 'application/json': usageLimitsBody } } },
  },
];
